# Expressions as clips of one length, on request: one job per video, method and length.


rule train_rife:
    # a small substitute where interpolate.rife_weights is empty; small.json says what it is worth
    input:
        rife_faces,
    output:
        weights="results/models/rife/small.pt",
        report="results/models/rife/small.json",
    log:
        "results/logs/train_rife/small.log",
    benchmark:
        "results/benchmarks/train_rife/small.tsv"
    threads: 1
    resources:
        mem_mb=3000,
    params:
        version=STAGE_VERSIONS["rife"],
    shell:
        "mezoo train-rife {input} -o {output.weights} --threads {threads} > {log} 2>&1"


rule interpolated:
    input:
        faces="results/artifacts/{dataset}/faces/{video}.h5",
        labels="results/catalog/{dataset}/labels/{video}.csv",
        weights=interpolator_weights,
    output:
        "results/artifacts/{dataset}/interpolated-{method}-{length}/{video}.h5",
    log:
        "results/logs/interpolated-{method}-{length}/{dataset}/{video}.log",
    benchmark:
        "results/benchmarks/interpolated-{method}-{length}/{dataset}/{video}.tsv"
    wildcard_constraints:
        method=INTERPOLATORS,
        length=r"\d+",
    threads: 1
    resources:
        mem_mb=2000,
    params:
        version=STAGE_VERSIONS["interpolated"],
        settings=interpolated_json,
        weights=lambda wildcards, input: "--weights" if input.weights else "",
    shell:
        "mezoo interpolated {input.faces} {input.labels} --method {wildcards.method}"
        " --length {wildcards.length} {params.weights} {input.weights:q} -o {output}"
        " --settings {params.settings:q} --threads {threads} > {log} 2>&1"
