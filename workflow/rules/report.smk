# Figures and the one self-contained page.


rule figures:
    input:
        proposals=dataset_predictions,
        models=lambda wildcards: [
            path.replace("proposals", "model")
            for path in dataset_predictions(wildcards)
        ],
        predictions="results/predictions/{recipe}/{dataset}",
        labels=dataset_labels,
        faces=dataset_faces,
        flows=dataset_flows,
    output:
        directory("results/figures/{recipe}/{dataset}"),
    log:
        "results/logs/figures/{recipe}/{dataset}.log",
    benchmark:
        "results/benchmarks/figures/{recipe}/{dataset}.tsv"
    wildcard_constraints:
        dataset=SPOTTED_ONLY,
    params:
        version=STAGE_VERSIONS["report"],
        artifacts="results/artifacts/{dataset}",  # folders: the names of thousands of files are too long
    shell:
        "mezoo figures --proposals {input.proposals} --models {input.models} --labels {input.labels}"
        " --predictions {input.predictions} --faces {params.artifacts}/faces"
        " --flows {params.artifacts}/flow_pair -o {output} > {log} 2>&1"


rule strips:
    input:
        faces=dataset_faces,
        labels=dataset_labels,
    output:
        directory("results/figures/strips/{dataset}"),
    log:
        "results/logs/strips/{dataset}.log",
    benchmark:
        "results/benchmarks/strips/{dataset}.tsv"
    threads: 1
    resources:
        mem_mb=1000,
    params:
        version=STAGE_VERSIONS["report"],
        faces="results/artifacts/{dataset}/faces",
    shell:
        "mezoo strips --labels {input.labels} --faces {params.faces} -o {output} --threads {threads}"
        " > {log} 2>&1"


rule report:
    input:
        scores=expand("results/loso_{recipe}.csv", recipe=CONFIG.recipes),
        figures=for_spotted("results/figures/{recipe}/{dataset}", recipe=CONFIG.recipes),
        audits=for_spotted("results/catalog/{dataset}/audit.csv"),
        usable=for_spotted("results/catalog/{dataset}/usable.csv"),
        models=expand(
            "results/models/{recipe}/everybody/model.h5", recipe=CONFIG.recipes
        ),
        strips=(
            for_spotted("results/figures/strips/{dataset}")
            if CONFIG.report.clips
            else []
        ),
    output:
        page="results/report.html",
        tables=expand("results/tables/spotting.{form}", form=["csv", "md", "tex"]),
    log:
        "results/logs/report.log",
    params:
        version=STAGE_VERSIONS["report"],
    shell:
        "mezoo report --scores {input.scores} --figures {input.figures} --audits {input.audits}"
        " --usable {input.usable} --models {input.models} --strips {input.strips}"
        " --tables results/tables -o {output.page}"
        " > {log} 2>&1"
