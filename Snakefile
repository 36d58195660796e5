# mezoo: from raw micro-expression videos to leave-one-subject-out tables.
# This file is the table of contents; the stages are in workflow/rules, the settings in config.yaml.
from snakemake.utils import min_version

min_version("9.19")


configfile: "config.yaml"


container: "docker://python:3.11"


include: "workflow/rules/common.smk"
include: "workflow/rules/corpora.smk"
include: "workflow/rules/preprocessing.smk"
include: "workflow/rules/magnification.smk"
include: "workflow/rules/interpolation.smk"
include: "workflow/rules/learning.smk"
include: "workflow/rules/recognition.smk"
include: "workflow/rules/strs.smk"
include: "workflow/rules/report.smk"


onerror:
    print("", *failures(STARTED), sep="\n", file=sys.stderr)


wildcard_constraints:
    dataset="|".join(CORPORA),
    recipe="|".join(RECIPES),
    spotter="|".join(SPOTTERS) or "(?!)",
    recogniser="|".join(RECOGNISERS) or "(?!)",
    experiment="|".join(EXPERIMENTS) or "(?!)",
    macro="|".join(MACRO) or "(?!)",
    backbone=r"[a-z0-9_]+",
    kind=r"[a-z0-9_]+(-\d+)*",
    fold=r"[^/]+",
    video=r"[^/]+",
    subject=r"[^/]+",
    seed=r"\d+",


rule all:
    default_target: True
    input:
        expand("results/loso_{recipe}.csv", recipe=CONFIG.recipes),
        "results/report.html",
    localrule: True
