# Expressions with their motion made larger, on request: one job per video, method and factor.


rule train_magnet:
    # a small substitute where magnify.magnet_weights is empty; weights that fail its check are not written
    output:
        "results/models/magnet/{profile}.h5",
    log:
        "results/logs/train_magnet/{profile}.log",
    benchmark:
        "results/benchmarks/train_magnet/{profile}.tsv"
    wildcard_constraints:
        profile="demo|standard",
    threads: 1
    resources:
        mem_mb=2000,
    params:
        version=STAGE_VERSIONS["magnet"],
    shell:
        "mezoo train-magnet --profile {wildcards.profile} -o {output} --threads {threads} > {log} 2>&1"


rule magnified:
    input:
        faces="results/artifacts/{dataset}/faces/{video}.h5",
        labels="results/catalog/{dataset}/labels/{video}.csv",
        weights=magnifier_weights,
    output:
        "results/artifacts/{dataset}/magnified-{method}-{factor}/{video}.h5",
    log:
        "results/logs/magnified-{method}-{factor}/{dataset}/{video}.log",
    benchmark:
        "results/benchmarks/magnified-{method}-{factor}/{dataset}/{video}.tsv"
    wildcard_constraints:
        method=MAGNIFIERS,
        factor=FACTOR,
    threads: 1
    resources:
        mem_mb=2000,
    params:
        version=STAGE_VERSIONS["magnified"],
        weights=lambda wildcards, input: "--weights" if input.weights else "",
    shell:
        "mezoo magnified {input.faces} {input.labels} --method {wildcards.method} --factor {wildcards.factor}"
        " {params.weights} {input.weights:q} -o {output} --threads {threads} > {log} 2>&1"


rule shape:
    input:
        faces="results/artifacts/{dataset}/faces/{video}.h5",
        labels="results/catalog/{dataset}/labels/{video}.csv",
        weights=magnet_weights,
    output:
        "results/artifacts/{dataset}/shape/{video}.h5",
    log:
        "results/logs/shape/{dataset}/{video}.log",
    benchmark:
        "results/benchmarks/shape/{dataset}/{video}.tsv"
    threads: 1
    resources:
        mem_mb=2000,
    params:
        version=STAGE_VERSIONS["shape"],
        settings=stage_json("shape"),
    shell:
        "mezoo shape {input.faces} {input.labels} --weights {input.weights:q} -o {output}"
        " --settings {params.settings:q} --threads {threads} > {log} 2>&1"
