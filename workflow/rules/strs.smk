# Spot, then recognise: any spotter with any recogniser on long videos, e.g. results/strs_auwgcn_ststnet.csv.
# Both models of a job are of folds that hold its subject out; it is given no labels.


rule recognise_spotted:
    input:
        unpack(spotted_inputs),
    output:
        "results/spotted/{spotter}_{recogniser}/{experiment}/{dataset}/{subject}/seed{seed}.csv",
    log:
        "results/logs/spotted/{spotter}_{recogniser}/{experiment}/{dataset}_{subject}_seed{seed}.log",
    benchmark:
        "results/benchmarks/spotted/{spotter}_{recogniser}/{experiment}/{dataset}_{subject}_seed{seed}.tsv"
    threads: 1
    resources:
        mem_mb=2000,
    params:
        version=STAGE_VERSIONS["strs"],
        weights=lambda wildcards: " ".join(
            f"--weights {name}={path}"
            for name, path in input_weights(wildcards).items()
        ),
    shell:
        "mezoo recognise-spotted {input.model} --spotter {input.spotter} --proposals {input.proposals}"
        " --faces {input.faces} --protocol {wildcards.experiment} {params.weights} --threads {threads}"
        " -o {output} > {log} 2>&1"


rule score_strs:
    input:
        found=spotted_everywhere,
        labels=lambda wildcards: subject_labels(
            wildcards.experiment, EXPERIMENTS[wildcards.experiment].persons
        ),
        events=lambda wildcards: [
            f"results/catalog/{corpus.name}/events.csv"
            for corpus in EXPERIMENTS[wildcards.experiment].corpora.values()
        ],
    output:
        "results/scores/{spotter}_{recogniser}/{experiment}.csv",
    log:
        "results/logs/score/{spotter}_{recogniser}/{experiment}.log",
    params:
        version=STAGE_VERSIONS["strs"],
        classes=lambda wildcards: " ".join(
            EXPERIMENTS[wildcards.experiment].protocol.classes
        ),
    shell:
        "mezoo score-strs --found {input.found} --labels {input.labels} --events {input.events}"
        " --classes {params.classes} -o {output} > {log} 2>&1"


rule strs:
    input:
        strs_scores,
    output:
        "results/strs_{spotter}_{recogniser}.csv",
    log:
        "results/logs/strs/{spotter}_{recogniser}.log",
    localrule: True
    shell:
        "mezoo gather-scores {input} --recognition -o {output} > {log} 2>&1"
