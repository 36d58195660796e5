# Raw frames -> faces -> flow between frames, or within expressions -> ROI features: one job per video and stage.


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


rule flow_onset:
    input:
        faces="results/artifacts/{dataset}/faces/{video}.h5",
        labels="results/catalog/{dataset}/labels/{video}.csv",
    output:
        "results/artifacts/{dataset}/flow_onset/{video}.h5",
    log:
        "results/logs/flow_onset/{dataset}/{video}.log",
    benchmark:
        "results/benchmarks/flow_onset/{dataset}/{video}.tsv"
    threads: 1
    resources:
        mem_mb=1000,
    params:
        version=STAGE_VERSIONS["flow_onset"],
        settings=stage_json("flow_onset"),
    shell:
        "mezoo flow-onset {input.faces} {input.labels} -o {output} --settings {params.settings:q}"
        " --threads {threads} > {log} 2>&1"


rule flow_apex:
    input:
        faces="results/artifacts/{dataset}/faces/{video}.h5",
        labels="results/catalog/{dataset}/labels/{video}.csv",
    output:
        "results/artifacts/{dataset}/flow_apex/{video}.h5",
    log:
        "results/logs/flow_apex/{dataset}/{video}.log",
    benchmark:
        "results/benchmarks/flow_apex/{dataset}/{video}.tsv"
    threads: 1
    resources:
        mem_mb=1000,
    params:
        version=STAGE_VERSIONS["flow_apex"],
        settings=stage_json("flow_apex"),
    shell:
        "mezoo flow-apex {input.faces} {input.labels} -o {output} --settings {params.settings:q}"
        " --threads {threads} > {log} 2>&1"


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


rule spot_images:
    input:
        "results/artifacts/{dataset}/faces/{video}.h5",
    output:
        "results/artifacts/{dataset}/spot_images-{images}/{video}.h5",
    log:
        "results/logs/spot_images-{images}/{dataset}/{video}.log",
    benchmark:
        "results/benchmarks/spot_images-{images}/{dataset}/{video}.tsv"
    wildcard_constraints:
        images=r"[a-z0-9]+-\d+",
    threads: 1
    resources:
        mem_mb=500,
    params:
        version=STAGE_VERSIONS["spot_images"],
        settings=stage_json("spot_images"),
    shell:
        "mezoo spot-images {input} -o {output} --images {wildcards.images}"
        " --settings {params.settings:q} --threads {threads} > {log} 2>&1"


rule features:
    input:
        unpack(feature_inputs),
    output:
        "results/artifacts/{dataset}/features-{feature}/{video}.h5",
    log:
        "results/logs/features-{feature}/{dataset}/{video}.log",
    benchmark:
        "results/benchmarks/features-{feature}/{dataset}/{video}.tsv"
    wildcard_constraints:
        feature="|".join(FEATURES),
    threads: 1
    resources:
        mem_mb=500,
    params:
        version=STAGE_VERSIONS["features"],
        labels=lambda wildcards, input: "--labels" if input.labels else "",
        missing_apex=lambda wildcards: missing_apex(
            FEATURES[wildcards.feature].needs_labels
        ),
    shell:
        "mezoo features {wildcards.feature} {input.flow} {input.faces} {params.labels} {input.labels}"
        " {params.missing_apex} -o {output} --threads {threads} > {log} 2>&1"
