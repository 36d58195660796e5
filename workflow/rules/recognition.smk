# Recognition of clips: inputs and labels per subject, one fit and one predict per fold, scores per protocol.
# As for spotting the inputs of a rule are the leak firewall: `fit_recogniser` is given the files of the training
# subjects and nothing else, `predict_recogniser` the frozen model and the inputs of the held-out subjects.


rule pack:
    input:
        artifacts=pack_artifacts,
        labels=lambda wildcards: labels(
            wildcards.dataset,
            CORPORA[wildcards.dataset].videos[wildcards.subject],
        ),
    output:
        "results/artifacts/{dataset}/pack-{kind}/{subject}.h5",
    log:
        "results/logs/pack-{kind}/{dataset}/{subject}.log",
    benchmark:
        "results/benchmarks/pack-{kind}/{dataset}/{subject}.tsv"
    threads: 1
    resources:
        mem_mb=2000,
    params:
        version=STAGE_VERSIONS["pack"],
        folder="results/artifacts/{dataset}",
        missing_apex=lambda wildcards: missing_apex(
            request(wildcards.kind).kind.reads_apex
        ),
    shell:
        "mezoo pack {wildcards.kind} --artifacts {params.folder} --labels {input.labels}"
        " --dataset {wildcards.dataset} --subject {wildcards.subject} {params.missing_apex}"
        " --threads {threads} -o {output}"
        " > {log} 2>&1"


# one rule per protocol, because its outputs are named by the subjects of its corpora
for experiment in EXPERIMENTS.values():

    rule:
        name:
            f"labels_{experiment.name}".replace("-", "_")
        input:
            [
                f"results/catalog/{c.name}/events.csv"
                for c in experiment.corpora.values()
            ],
        output:
            subject_labels(experiment.name, experiment.persons),
            f"results/protocols/{experiment.name}/counts.csv",
        log:
            f"results/logs/protocols/{experiment.name}.log",
        params:
            version=STAGE_VERSIONS["catalog"],
            protocol=experiment.protocol.name,
            experiment=experiment.name,
            catalogs=" ".join(
                f"{layout}=results/catalog/{c.name}"
                for layout, c in experiment.corpora.items()
            ),
            subjects=" ".join(map("/".join, experiment.persons)),
            official=official_list(experiment),
        shell:
            "mezoo protocol {params.protocol} --catalog {params.catalogs} --subjects {params.subjects}"
            " {params.official} -o results/protocols/{params.experiment} > {log} 2>&1"


rule slstt_tokens:
    # 64 numbers are those of the small transformer, 768 of the published one
    input:
        faces="results/artifacts/{dataset}/faces/{video}.h5",
        labels="results/catalog/{dataset}/labels/{video}.csv",
        weights=slstt_weights,
    output:
        "results/artifacts/{dataset}/slstt_tokens-{dim}/{video}.h5",
    log:
        "results/logs/slstt_tokens-{dim}/{dataset}/{video}.log",
    benchmark:
        "results/benchmarks/slstt_tokens-{dim}/{dataset}/{video}.tsv"
    wildcard_constraints:
        dim="64|768",
    threads: 1
    resources:
        mem_mb=2000,
        gpu=1 if CONFIG.accelerator == "gpu" else 0,
    params:
        version=STAGE_VERSIONS["slstt_tokens"],
        weights=lambda wildcards, input: "--weights" if input.weights else "",
        missing_apex=missing_apex(True),
        accelerator=CONFIG.accelerator,
    shell:
        "mezoo slstt-tokens {input.faces} {input.labels} {params.weights} {input.weights:q} {params.missing_apex}"
        " --accelerator {params.accelerator} -o {output} --threads {threads} > {log} 2>&1"


rule fit_recogniser:
    input:
        recipe="workflow/recipes/{recipe}.yaml",
        packs=training_packs,
        labels=training_subject_labels,
        pretrained=backbone,
    output:
        "results/models/{recipe}/{experiment}/{fold}/seed{seed}/model.h5",
    log:
        "results/logs/fit/{recipe}/{experiment}/{fold}_seed{seed}.log",
    benchmark:
        "results/benchmarks/fit/{recipe}/{experiment}/{fold}_seed{seed}.tsv"
    threads: 1
    resources:
        mem_mb=lambda wildcards: recipe_memory(
            wildcards.recipe, demo=EXPERIMENTS[wildcards.experiment].is_demo
        ),
        gpu=1 if CONFIG.accelerator == "gpu" else 0,
    params:
        version=STAGE_VERSIONS["fit_recogniser"],
        seed=lambda wildcards: wildcards.get("seed", 0),
        classes=lambda wildcards: " ".join(
            EXPERIMENTS[wildcards.experiment].protocol.classes
        ),
        demo=lambda wildcards: (
            "--demo" if EXPERIMENTS[wildcards.experiment].is_demo else ""
        ),
        pretrained=lambda wildcards, input: "--pretrained" if input.pretrained else "",
        accelerator=CONFIG.accelerator,
        max_failed_share=CONFIG.max_failed_share,
    shell:
        "mezoo fit-recogniser {input.recipe} {params.demo} --packs {input.packs} --labels {input.labels}"
        " --classes {params.classes} {params.pretrained} {input.pretrained:q} --seed {params.seed} --accelerator {params.accelerator}"
        " --max-failed-share {params.max_failed_share} --threads {threads} -o {output} > {log} 2>&1"


# the model of `mezoo recognise`: trained on all subjects of a protocol, so it has no honest score
use rule fit_recogniser as fit_recogniser_everybody with:
    input:
        recipe="workflow/recipes/{recipe}.yaml",
        packs=lambda wildcards: packs(
            wildcards, EXPERIMENTS[wildcards.experiment].persons
        ),
        labels=lambda wildcards: subject_labels(
            wildcards.experiment, EXPERIMENTS[wildcards.experiment].persons
        ),
        pretrained=backbone,
    output:
        "results/models/{recipe}/{experiment}/everybody/model.h5",
    log:
        "results/logs/fit/{recipe}/{experiment}/everybody.log",
    benchmark:
        "results/benchmarks/fit/{recipe}/{experiment}/everybody.tsv"


rule predict_recogniser:
    input:
        model="results/models/{recipe}/{experiment}/{fold}/seed{seed}/model.h5",
        packs=heldout_packs,
    output:
        "results/models/{recipe}/{experiment}/{fold}/seed{seed}/predictions.h5",
    log:
        "results/logs/predict/{recipe}/{experiment}/{fold}_seed{seed}.log",
    benchmark:
        "results/benchmarks/predict/{recipe}/{experiment}/{fold}_seed{seed}.tsv"
    threads: 1
    resources:
        mem_mb=2000,
    params:
        version=STAGE_VERSIONS["recognise"],
    shell:
        "mezoo predict-recogniser {input.model} --packs {input.packs} --protocol {wildcards.experiment}"
        " --fold {wildcards.fold} --threads {threads} -o {output} > {log} 2>&1"


rule score_recognition:
    input:
        predictions=lambda wildcards: experiment_files(wildcards, "predictions"),
        labels=lambda wildcards: subject_labels(
            wildcards.experiment, EXPERIMENTS[wildcards.experiment].persons
        ),
    output:
        scores="results/scores/{recipe}/{experiment}.csv",
        predictions="results/predictions/{recipe}/{experiment}.csv",
    log:
        "results/logs/score/{recipe}/{experiment}.log",
    benchmark:
        "results/benchmarks/score/{recipe}/{experiment}.tsv"
    params:
        version=STAGE_VERSIONS["score_recognition"],
    shell:
        "mezoo score-recogniser --folds {input.predictions} --labels {input.labels}"
        " --predictions {output.predictions} -o {output.scores} > {log} 2>&1"


rule loso_recognition:
    input:
        for_experiments("results/scores/{recipe}/{experiment}.csv"),
    output:
        "results/loso_{recipe}.csv",
    log:
        "results/logs/loso/{recipe}.log",
    wildcard_constraints:
        recipe="|".join(RECOGNISERS) or "(?!)",
    localrule: True
    shell:
        "mezoo gather-scores {input} --recognition -o {output} > {log} 2>&1"


rule recognition_figures:
    input:
        predictions="results/predictions/{recipe}/{experiment}.csv",
        models=lambda wildcards: experiment_files(wildcards, "model"),
    output:
        directory("results/figures/{recipe}/{experiment}"),
    log:
        "results/logs/figures/{recipe}/{experiment}.log",
    benchmark:
        "results/benchmarks/figures/{recipe}/{experiment}.tsv"
    params:
        version=STAGE_VERSIONS["report"],
    shell:
        "mezoo recognition-figures {input.predictions} --models {input.models} -o {output} > {log} 2>&1"


rule recognition_table:
    input:
        scores=expand("results/loso_{recipe}.csv", recipe=COMPARED),
        predictions=expand(
            "results/predictions/{recipe}/{experiment}.csv",
            recipe=COMPARED,
            experiment=TABLED,
        ),
        figures=expand(
            "results/figures/{recipe}/{experiment}",
            recipe=COMPARED,
            experiment=TABLED,
        ),
    output:
        expand("results/tables/recognition.{form}", form=["csv", "md", "tex"]),
        "results/tables/recognition_tests.csv",
    log:
        "results/logs/recognition_table.log",
    params:
        version=STAGE_VERSIONS["report"],
        corpora=" ".join(CORPORA),
    shell:
        "mezoo recognition-tables --scores {input.scores} --predictions {input.predictions}"
        " --catalog {params.corpora} -o results/tables > {log} 2>&1"


# Backbones that start from macro-expressions of other people; a file of the user's takes the place of all this.


rule macro_catalog:
    input:
        lambda wildcards: coding_files(MACRO[wildcards.macro]),
    output:
        "results/macro/{macro}/events.csv",
        "results/macro/{macro}/videos.csv",
    log:
        "results/logs/macro/{macro}.log",
    params:
        version=STAGE_VERSIONS["catalog"],
        layout=lambda wildcards: MACRO[wildcards.macro].layout,
        root=lambda wildcards: MACRO[wildcards.macro].root,
    shell:
        "mezoo catalog {params.layout} {params.root:q} --name {wildcards.macro}"
        " -o results/macro/{wildcards.macro} > {log} 2>&1"


rule macro_stills:
    input:
        recipe="workflow/pretraining/{backbone}.yaml",
        catalogs=expand("results/macro/{macro}/events.csv", macro=MACRO),
        micro=expand("results/catalog/{name}/videos.csv", name=MICRO),
    output:
        "results/artifacts/macro/stills-{backbone}.h5",
    log:
        "results/logs/macro_stills/{backbone}.log",
    benchmark:
        "results/benchmarks/macro_stills/{backbone}.tsv"
    threads: 1
    resources:
        mem_mb=2000,
    params:
        version=STAGE_VERSIONS["stills"],
        demo=MACRO_DEMO,
        catalogs=expand("results/macro/{macro}", macro=MACRO),
        micro=expand("results/catalog/{name}", name=MICRO),
    shell:
        "mezoo macro-stills {input.recipe} {params.demo} --catalog {params.catalogs} --micro {params.micro}"
        " --threads {threads} -o {output} > {log} 2>&1"


rule pretrain:
    input:
        recipe="workflow/pretraining/{backbone}.yaml",
        stills="results/artifacts/macro/stills-{backbone}.h5",
    output:
        "results/models/pretrained/{backbone}.h5",
    log:
        "results/logs/pretrain/{backbone}.log",
    benchmark:
        "results/benchmarks/pretrain/{backbone}.tsv"
    threads: 1
    resources:
        mem_mb=2000,
        gpu=1 if CONFIG.accelerator == "gpu" else 0,
    params:
        version=STAGE_VERSIONS["pretrained"],
        demo=MACRO_DEMO,
        accelerator=CONFIG.accelerator,
    shell:
        "mezoo pretrain {input.recipe} {input.stills} {params.demo} --accelerator {params.accelerator}"
        " --threads {threads} -o {output} > {log} 2>&1"
