# Synthetic corpora, and the catalog of each corpus: which videos and events there are.


rule demo:
    output:
        f"{plan.demo_root(CONFIG)}/{{layout}}.json",
    log:
        "results/logs/demo/{layout}.log",
    benchmark:
        "results/benchmarks/demo/{layout}.tsv"
    threads: 2
    params:
        version=STAGE_VERSIONS["demo"],
        root=lambda wildcards: plan.demo_root(CONFIG),
        subjects=CONFIG.demo.subjects,
        seed=CONFIG.demo.seed,
        size=CONFIG.demo.size,
    shell:
        "mezoo demo {params.root} --layout {wildcards.layout} --subjects {params.subjects}"
        " --seed {params.seed} --size {params.size} --workers {threads} > {log} 2>&1"


# one rule per corpus, because its outputs are named by its own videos
for corpus in CORPORA.values():

    rule:
        name:
            f"catalog_{corpus.name}"
        input:
            coding_files(corpus),
        output:
            tables=expand(
                f"results/catalog/{corpus.name}/{{table}}.csv",
                table=["videos", "events", "audit"],
            ),
            page=f"results/catalog/{corpus.name}/audit.html",
            fingerprint=f"results/catalog/{corpus.name}/fingerprint.json",
            labels=labels(corpus.name, corpus.all_videos()),
        log:
            f"results/logs/catalog/{corpus.name}.log",
        benchmark:
            f"results/benchmarks/catalog/{corpus.name}.tsv"
        params:
            version=STAGE_VERSIONS["catalog"],
            name=corpus.name,
            layout=corpus.layout,
            root=lambda wildcards, corpus=corpus: corpus.root,
            coding=(
                f"--coding '{corpus.settings.coding}'"
                if corpus.settings.coding
                else ""
            ),
            options=json.dumps(corpus.settings.options, sort_keys=True),
            exclude=" ".join(f"--exclude {video}" for video in corpus.settings.exclude),
        shell:
            "mezoo catalog {params.layout} {params.root:q} {params.coding} {params.exclude} --items"
            " --name {params.name} --options {params.options:q} -o results/catalog/{params.name}"
            " > {log} 2>&1"


rule usable:
    input:
        dataset_features,
    output:
        "results/catalog/{dataset}/usable.csv",
    log:
        "results/logs/usable/{dataset}.log",
    priority: 50
    params:
        max_failed_share=CONFIG.max_failed_share,
    shell:
        "mezoo usable {input} --max-failed-share {params.max_failed_share} -o {output} > {log} 2>&1"


# the same of any stage, for all its artifacts at once, e.g. results/catalog/casme2/flow_apex.csv
use rule usable as usable_stage with:
    input:
        stage_artifacts,
    output:
        "results/catalog/{dataset}/{stage}.csv",
    log:
        "results/logs/usable/{dataset}_{stage}.log",
    wildcard_constraints:
        stage="|".join(
            ["faces", "flow_pair", "flow_onset", "flow_apex", "mdmo"]
            + [f"features-{name}" for name in FEATURES]
            + [r"spot_images-[a-z0-9]+-\d+"]
            + ["magnified", f"magnified-({MAGNIFIERS})-{FACTOR}", "shape"]
            + ["interpolated", rf"interpolated-({INTERPOLATORS})-\d+"]
        ),
