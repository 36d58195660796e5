# Raw frames -> faces -> flow -> ROI features, one job per video and stage.


rule faces:
    # a catalog must exist, so that a faulty workbook stops the run early, but a new one (other labels,
    # another video) changes nothing here: hence `ancient`
    input:
        ancient("results/catalog/{dataset}/videos.csv"),
    output:
        "results/artifacts/{dataset}/faces/{video}.h5",
    log:
        "results/logs/faces/{dataset}/{video}.log",
    benchmark:
        "results/benchmarks/faces/{dataset}/{video}.tsv"
    threads: 1
    resources:
        mem_mb=1000,
    params:
        version=STAGE_VERSIONS["faces"],
        record=video_record,
        settings=stage_json("faces"),
    shell:
        "mezoo faces {params.record:q} -o {output} --settings {params.settings:q} --threads {threads}"
        " > {log} 2>&1"


rule flow_pair:
    input:
        "results/artifacts/{dataset}/faces/{video}.h5",
    output:
        "results/artifacts/{dataset}/flow_pair/{video}.h5",
    log:
        "results/logs/flow_pair/{dataset}/{video}.log",
    benchmark:
        "results/benchmarks/flow_pair/{dataset}/{video}.tsv"
    threads: 1
    resources:
        mem_mb=1000,
    params:
        version=STAGE_VERSIONS["flow_pair"],
        settings=stage_json("flow_pair"),
    shell:
        "mezoo flow-pair {input} -o {output} --settings {params.settings:q} --threads {threads}"
        " > {log} 2>&1"


rule mdmo:
    input:
        faces="results/artifacts/{dataset}/faces/{video}.h5",
        flow="results/artifacts/{dataset}/flow_pair/{video}.h5",
    output:
        "results/artifacts/{dataset}/mdmo/{video}.h5",
    log:
        "results/logs/mdmo/{dataset}/{video}.log",
    benchmark:
        "results/benchmarks/mdmo/{dataset}/{video}.tsv"
    threads: 1
    resources:
        mem_mb=500,
    params:
        version=STAGE_VERSIONS["mdmo"],
        settings=stage_json("mdmo"),
    shell:
        "mezoo mdmo {input.flow} {input.faces} -o {output} --settings {params.settings:q}"
        " --threads {threads} > {log} 2>&1"
