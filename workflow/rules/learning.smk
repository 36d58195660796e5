# One fit and one predict per held-out subject. The inputs are the leak firewall: `fit` is given the
# training subjects' files and nothing else, `predict` the frozen model and the held-out features.


rule fit:
    input:
        recipe="workflow/recipes/{recipe}.yaml",
        features=training_features,
        labels=training_labels,
    output:
        "results/models/{recipe}/{dataset}/{subject}/seed{seed}/model.h5",
    log:
        "results/logs/fit/{recipe}/{dataset}/{subject}_seed{seed}.log",
    benchmark:
        "results/benchmarks/fit/{recipe}/{dataset}/{subject}_seed{seed}.tsv"
    wildcard_constraints:
        dataset=SPOTTED_ONLY,
    threads: 1
    resources:
        mem_mb=2000,
        gpu=1 if CONFIG.accelerator == "gpu" else 0,
    params:
        version=STAGE_VERSIONS["fit"],
        layout=lambda wildcards: CORPORA[wildcards.dataset].layout,
        demo=lambda wildcards: "--demo" if CORPORA[wildcards.dataset].is_demo else "",
        accelerator=CONFIG.accelerator,
        max_failed_share=fold_failed_share,
    shell:
        "mezoo fit {input.recipe} {params.demo} --layout {params.layout} --seed {wildcards.seed}"
        " --features {input.features} --labels {input.labels} --accelerator {params.accelerator}"
        " --max-failed-share {params.max_failed_share} --threads {threads} -o {output} > {log} 2>&1"


rule predict:
    input:
        model="results/models/{recipe}/{dataset}/{subject}/seed{seed}/model.h5",
        features=heldout_features,
    output:
        "results/models/{recipe}/{dataset}/{subject}/seed{seed}/proposals.h5",
    log:
        "results/logs/predict/{recipe}/{dataset}/{subject}_seed{seed}.log",
    benchmark:
        "results/benchmarks/predict/{recipe}/{dataset}/{subject}_seed{seed}.tsv"
    wildcard_constraints:
        dataset=SPOTTED_ONLY,
    threads: 1
    resources:
        mem_mb=2000,
    params:
        version=STAGE_VERSIONS["predict"],
    shell:
        "mezoo predict {input.model} --features {input.features} --dataset {wildcards.dataset}"
        " --subject {wildcards.subject} --threads {threads} -o {output} > {log} 2>&1"


rule fit_everybody:
    # the model of `mezoo spot`: trained on all subjects of all corpora, so it has no honest score
    input:
        recipe="workflow/recipes/{recipe}.yaml",
        features=everybodys_features,
        labels=everybodys_labels,
    output:
        "results/models/{recipe}/everybody/model.h5",
    log:
        "results/logs/fit/{recipe}/everybody.log",
    benchmark:
        "results/benchmarks/fit/{recipe}/everybody.tsv"
    threads: 1
    resources:
        mem_mb=4000,
        gpu=1 if CONFIG.accelerator == "gpu" else 0,
    params:
        version=STAGE_VERSIONS["fit"],
        layout=lambda wildcards: next(iter(SPOTTED.values())).layout,
        demo="--demo" if all(corpus.is_demo for corpus in SPOTTED.values()) else "",
        accelerator=CONFIG.accelerator,
        max_failed_share=CONFIG.max_failed_share,
    shell:
        "mezoo fit {input.recipe} {params.demo} --layout {params.layout} --seed 0 --features {input.features}"
        " --labels {input.labels} --accelerator {params.accelerator}"
        " --max-failed-share {params.max_failed_share} --threads {threads} -o {output} > {log} 2>&1"


rule score:
    input:
        proposals=dataset_predictions,
        labels=dataset_labels,
        usable=usable_features,
    output:
        scores="results/scores/{recipe}/{dataset}.csv",
        predictions=directory("results/predictions/{recipe}/{dataset}"),
    log:
        "results/logs/score/{recipe}/{dataset}.log",
    benchmark:
        "results/benchmarks/score/{recipe}/{dataset}.tsv"
    wildcard_constraints:
        dataset=SPOTTED_ONLY,
    params:
        version=STAGE_VERSIONS["score"],
    shell:
        "mezoo score-folds --recipe {wildcards.recipe} --dataset {wildcards.dataset}"
        " --proposals {input.proposals} --labels {input.labels}"
        " --predictions {output.predictions} -o {output.scores} > {log} 2>&1"


rule loso:
    input:
        for_spotted("results/scores/{recipe}/{dataset}.csv"),
    output:
        "results/loso_{recipe}.csv",
    log:
        "results/logs/loso/{recipe}.log",
    wildcard_constraints:
        recipe="|".join(SPOTTERS),
    localrule: True
    shell:
        "mezoo gather-scores {input} -o {output} > {log} 2>&1"


# The same with a whole corpus held out: trained on all subjects of the others, with the recipe's values for
# the first of them, since those of the held-out corpus come from its annotations.


use rule fit as fit_corpus with:
    input:
        recipe="workflow/recipes/{recipe}.yaml",
        features=training_corpora_features,
        labels=training_corpora_labels,
    output:
        "results/models/{recipe}/{dataset}-corpus/seed{seed}/model.h5",
    log:
        "results/logs/fit/{recipe}/{dataset}-corpus/seed{seed}.log",
    benchmark:
        "results/benchmarks/fit/{recipe}/{dataset}-corpus/seed{seed}.tsv"
    params:
        version=STAGE_VERSIONS["fit"],
        layout=lambda wildcards: other_corpora(wildcards)[0].layout,
        demo=lambda wildcards: "--demo" if CORPORA[wildcards.dataset].is_demo else "",
        accelerator=CONFIG.accelerator,
        max_failed_share=CONFIG.max_failed_share,


use rule predict as predict_corpus with:
    input:
        model="results/models/{recipe}/{dataset}-corpus/seed{seed}/model.h5",
        features=foreign_features,
    output:
        "results/models/{recipe}/{dataset}-corpus/{subject}/seed{seed}/proposals.h5",
    log:
        "results/logs/predict/{recipe}/{dataset}-corpus/{subject}_seed{seed}.log",
    benchmark:
        "results/benchmarks/predict/{recipe}/{dataset}-corpus/{subject}_seed{seed}.tsv"


use rule score as score_corpus with:
    input:
        proposals=corpus_predictions,
        labels=dataset_labels,
        usable=foreign_usable,
    output:
        scores="results/scores/{recipe}/{dataset}-corpus.csv",
        predictions=directory("results/predictions/{recipe}/{dataset}-corpus"),
    log:
        "results/logs/score/{recipe}/{dataset}-corpus.log",
    benchmark:
        "results/benchmarks/score/{recipe}/{dataset}-corpus.tsv"


use rule loso as cross_corpus with:
    input:
        for_spotted("results/scores/{recipe}/{dataset}-corpus.csv"),
    output:
        "results/cross_corpus_{recipe}.csv",
    log:
        "results/logs/cross_corpus/{recipe}.log",
