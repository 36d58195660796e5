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


rule spotting_table:
    input:
        expand("results/loso_{recipe}.csv", recipe=COMPARED_SPOTTERS),
    output:
        expand("results/tables/spotting.{form}", form=["csv", "md", "tex"]),
    log:
        "results/logs/spotting_table.log",
    params:
        version=STAGE_VERSIONS["report"],
        corpora=" ".join(CORPORA),
    shell:
        "mezoo spotting-tables --scores {input} --catalog {params.corpora} -o results/tables > {log} 2>&1"


rule report:
    input:
        scores=expand("results/loso_{recipe}.csv", recipe=REPORTED["spotting"]),
        figures=when_reported(
            "spotting",
            for_spotted(
                "results/figures/{recipe}/{dataset}", recipe=REPORTED["spotting"]
            ),
        ),
        usable=when_reported(
            "spotting", for_spotted("results/catalog/{dataset}/usable.csv")
        ),
        models=expand(
            "results/models/{recipe}/everybody/model.h5", recipe=REPORTED["spotting"]
        ),
        strips=when_reported(
            "spotting",
            (
                for_spotted("results/figures/strips/{dataset}")
                if CONFIG.report.clips
                else lambda wildcards: []
            ),
        ),
        recognition_scores=expand(
            "results/loso_{recipe}.csv", recipe=REPORTED["recognition"]
        ),
        recognition_predictions=when_reported(
            "recognition",
            for_experiments(
                "results/predictions/{recipe}/{experiment}.csv",
                recipe=REPORTED["recognition"],
            ),
        ),
        recognition_figures=when_reported(
            "recognition",
            for_experiments(
                "results/figures/{recipe}/{experiment}",
                recipe=REPORTED["recognition"],
            ),
        ),
        recognition_models=one_model_of_each,
        counts=when_reported(
            "recognition", for_experiments("results/protocols/{experiment}/counts.csv")
        ),
        audits=reported_audits,
    output:
        page="results/report.html",
        tables=expand(
            "results/tables/report/{task}.{form}",
            task=[task for task, recipes in REPORTED.items() if recipes],
            form=["csv", "md", "tex"],
        ),
        cards=expand("results/cards/{recipe}.md", recipe=sum(REPORTED.values(), [])),
        methods=expand(
            "results/methods/{name}",
            name=["methods.md", "methods.tex", "references.bib"],
        ),
    log:
        "results/logs/report.log",
    localrule: True
    params:
        version=STAGE_VERSIONS["report"],
        settings=json.dumps(stated_settings(CONFIG, CORPORA)),
        protocols=lambda wildcards, input: [
            os.path.dirname(path) for path in input.counts
        ],
    shell:
        "mezoo report --scores {input.scores} --figures {input.figures} --usable {input.usable}"
        " --models {input.models} --strips {input.strips} --recognition-scores {input.recognition_scores}"
        " --recognition-predictions {input.recognition_predictions}"
        " --recognition-figures {input.recognition_figures} --recognition-models {input.recognition_models}"
        " --protocols {params.protocols} --audits {input.audits} --settings {params.settings:q}"
        " --benchmarks results/benchmarks --folder results -o {output.page} > {log} 2>&1"
