# The plan of the run and the functions with which rules name their files.
import json
import os
import sys
import time
from typing import get_args

from mezoo import plan, running, scheduling
from mezoo.stage_versions import STAGE_VERSIONS
from mezoo.config import InterpolationMethod, MagnifyMethod
from mezoo.errors import MezooError
from mezoo.inputs import request
from mezoo.motion.features import FEATURES
from mezoo.workflow import (
    backbone_of,
    experiments,
    failures,
    prepare,
    recipe_inputs,
    recipe_memory,
    recipes_of,
    reported,
    spotter_stages,
    stated_settings,
    strs_experiments,
)

if workflow.is_main_process:  # not in the jobs that it sends to a cluster
    running.enter()
    scheduling.one_timer_at_a_time()

STARTED = time.time()
CONFIG, CORPORA = prepare(config, announce=workflow.is_main_process)
# long videos: expressions are spotted in these; clips take part in preprocessing only
SPOTTED = plan.spotted(CORPORA)
SPOTTED_ONLY = "|".join(SPOTTED) or "(?!)"
MAGNIFIERS = "|".join(get_args(MagnifyMethod))
FACTOR = r"\d+(\.\d+)?"
INTERPOLATORS = "|".join(get_args(InterpolationMethod))
SPOTTERS, RECOGNISERS = recipes_of("spotting"), recipes_of("recognition")
RECIPES = [*SPOTTERS, *RECOGNISERS]
TABLED = experiments(CONFIG, CORPORA)
STRS = strs_experiments(CONFIG, CORPORA)
EXPERIMENTS = TABLED | STRS
COMPARED = CONFIG.recognition.recipes or RECOGNISERS
COMPARED_SPOTTERS = CONFIG.spotting.recipes or SPOTTERS
# recipes of the report by task; Snakemake tells targets only after it has read this file, hence argv. The rule that
# writes the report is local, so that these are always the targets of the user
REPORTED = reported(CONFIG, sys.argv)
MACRO = plan.macro_corpora(CONFIG)
# corpora whose subjects must not be among those of the backbones
MICRO = sorted({c.name for e in TABLED.values() for c in e.corpora.values()})
MACRO_DEMO = "--demo" if any(corpus.is_demo for corpus in MACRO.values()) else ""


def artifacts(stage, dataset, videos):
    """Paths of the artifacts of one stage."""
    return [f"results/artifacts/{dataset}/{stage}/{video}.h5" for video in videos]


def labels(dataset, videos):
    """Paths of the event tables of single videos."""
    return [f"results/catalog/{dataset}/labels/{video}.csv" for video in videos]


def stage_json(stage):
    """Function of wildcards: the settings that a stage reads, and nothing else, as JSON."""

    def settings(wildcards):
        return json.dumps(
            plan.stage_settings(CONFIG, CORPORA[wildcards.dataset], stage),
            sort_keys=True,
        )

    return settings


def feature_inputs(wildcards):
    """Flow, faces and, where the flow knows no events, the event table that a feature is made of."""
    dataset, video = wildcards.dataset, wildcards.video
    feature = FEATURES[wildcards.feature]
    (flow,) = artifacts(feature.source, dataset, [video])
    (faces,) = artifacts("faces", dataset, [video])
    needed = labels(dataset, [video]) if feature.needs_labels else []
    return {"flow": flow, "faces": faces, "labels": needed}


def missing_apex(reads):
    """Option of a stage that asks for apexes, where the setting is not the default."""
    chosen = CONFIG.flow.missing_apex
    return f"--missing-apex {chosen}" if reads and chosen != "middle" else ""


def video_record(wildcards):
    """Which video a job reads, as JSON."""
    return json.dumps(CORPORA[wildcards.dataset].record(wildcards.video))


def fold_failed_share(wildcards):
    corpus = CORPORA[wildcards.dataset]
    return corpus.failed_share(wildcards.subject, CONFIG.max_failed_share)


def spotted_features(recipe, dataset, videos, layout=None):
    """Artifacts of some videos that a spotter reads, with the recipe's values for a layout, their own if None."""
    corpus = CORPORA[dataset]
    stages = spotter_stages(recipe, layout or corpus.layout, demo=corpus.is_demo)
    return [path for stage in stages for path in artifacts(stage, dataset, videos)]


def training_features(wildcards):
    videos = CORPORA[wildcards.dataset].training_videos(wildcards.subject)
    return spotted_features(wildcards.recipe, wildcards.dataset, videos)


def training_labels(wildcards):
    corpus = CORPORA[wildcards.dataset]
    return labels(corpus.name, corpus.training_videos(wildcards.subject))


def heldout_features(wildcards):
    videos = CORPORA[wildcards.dataset].videos[wildcards.subject]
    return spotted_features(wildcards.recipe, wildcards.dataset, videos)


def other_corpora(wildcards):
    """Corpora that train when a whole one is held out; one readable line when there is none."""
    try:
        return plan.other_corpora(CORPORA, wildcards.dataset)
    except MezooError as error:
        sys.exit(f"mezoo: {error}")


def corpus_features(recipe, layout, corpora):
    """Artifacts of whole corpora that a spotter reads, with the recipe's values for one layout."""
    demo = all(corpus.is_demo for corpus in corpora)
    return [
        path
        for stage in spotter_stages(recipe, layout, demo=demo)
        for corpus in corpora
        for path in artifacts(stage, corpus.name, corpus.all_videos())
    ]


def training_corpora_features(wildcards):
    others = other_corpora(wildcards)
    return corpus_features(wildcards.recipe, others[0].layout, others)


def training_corpora_labels(wildcards):
    others = other_corpora(wildcards)
    return [path for c in others for path in labels(c.name, c.all_videos())]


def foreign_features(wildcards):
    """Artifacts of a held-out subject, with the recipe's values for the corpus that trained."""
    videos = CORPORA[wildcards.dataset].videos[wildcards.subject]
    layout = other_corpora(wildcards)[0].layout
    return spotted_features(wildcards.recipe, wildcards.dataset, videos, layout)


def corpus_predictions(wildcards):
    return [
        path.replace(f"{wildcards.dataset}/", f"{wildcards.dataset}-corpus/", 1)
        for path in dataset_predictions(wildcards)
    ]


def usable_list(recipe, dataset, layout):
    """The list of usable videos that belongs to what a spotter reads."""
    stage = spotter_stages(recipe, layout, demo=CORPORA[dataset].is_demo)[0]
    return f"results/catalog/{dataset}/{'usable' if stage == 'mdmo' else stage}.csv"


def usable_features(wildcards):
    layout = CORPORA[wildcards.dataset].layout
    return usable_list(wildcards.recipe, wildcards.dataset, layout)


def foreign_usable(wildcards):
    layout = other_corpora(wildcards)[0].layout
    return usable_list(wildcards.recipe, wildcards.dataset, layout)


def dataset_features(wildcards):
    corpus = CORPORA[wildcards.dataset]
    return artifacts("mdmo", corpus.name, corpus.all_videos())


def stage_artifacts(wildcards):
    corpus, stage = CORPORA[wildcards.dataset], wildcards.stage
    if stage == "magnified":
        stage = f"magnified-{CONFIG.magnify.method}-{CONFIG.magnify.factor:g}"
    if stage == "interpolated":
        stage = f"interpolated-{CONFIG.interpolate.method}-{CONFIG.interpolate.length}"
    return artifacts(stage, corpus.name, corpus.all_videos())


def magnet_weights(wildcards):
    """The user's weights of MagNet, or those of a small substitute, which a rule trains."""
    if CONFIG.magnify.magnet_weights:
        return CONFIG.magnify.magnet_weights.expanduser()
    return f"results/models/magnet/{CONFIG.magnify.profile}.h5"


def magnifier_weights(wildcards):
    """Weights for a method that has any."""
    return [magnet_weights(wildcards)] if wildcards.method == "magnet" else []


def interpolated_json(wildcards):
    """Settings of the stage as JSON; where to compute only for a method that learns."""
    corpus = CORPORA[wildcards.dataset]
    settings = plan.stage_settings(CONFIG, corpus, "interpolated")
    if wildcards.method == "rife":
        settings["accelerator"] = CONFIG.accelerator
    return json.dumps(settings, sort_keys=True)


def interpolator_weights(wildcards):
    """For a method that learns: the user's weights, or those of a small substitute, which a rule trains."""
    if wildcards.method != "rife":
        return []
    if CONFIG.interpolate.rife_weights:
        return [CONFIG.interpolate.rife_weights.expanduser()]
    return ["results/models/rife/small.pt"]


def rife_faces(wildcards):
    """Faces that the substitute is trained on: of clips if there are any, else of long videos."""
    return [
        path
        for name, videos in plan.training_faces(CORPORA).items()
        for path in artifacts("faces", name, videos)
    ]


def dataset_faces(wildcards):
    corpus = CORPORA[wildcards.dataset]
    return artifacts("faces", corpus.name, corpus.all_videos())


def dataset_flows(wildcards):
    corpus = CORPORA[wildcards.dataset]
    return artifacts("flow_pair", corpus.name, corpus.all_videos())


def dataset_labels(wildcards):
    corpus = CORPORA[wildcards.dataset]
    return labels(corpus.name, corpus.all_videos())


def dataset_predictions(wildcards):
    return expand(
        "results/models/{recipe}/{dataset}/{subject}/seed{seed}/proposals.h5",
        recipe=wildcards.recipe,
        dataset=wildcards.dataset,
        subject=CORPORA[wildcards.dataset].subjects,
        seed=CONFIG.seeds,
    )


def everybodys_features(wildcards):
    """Artifacts of all videos, with the recipe's values for the first corpus."""
    corpora = [SPOTTED[name] for name in spotted_names()]
    return corpus_features(wildcards.recipe, corpora[0].layout, corpora)


def everybodys_labels(wildcards):
    return [path for c in SPOTTED.values() for path in labels(c.name, c.all_videos())]


def spotted_names():
    """Corpora whose videos are spotted; one readable line when there is none."""
    try:
        return plan.require_spotted(CORPORA)
    except MezooError as error:
        sys.exit(f"mezoo: {error}")


def for_spotted(pattern, **values):
    """Function of wildcards: one file for each corpus of long videos."""
    return lambda wildcards: expand(
        pattern, **wildcards, **values, dataset=spotted_names()
    )


def coding_files(corpus):
    """Inputs of a catalog: the demo's mark, or the coding file when its place is configured."""
    if corpus.is_demo:
        return [f"{corpus.root}.json"]
    return [corpus.settings.coding] if corpus.settings.coding else []


def pack_artifacts(wildcards):
    """Artifacts of the videos of one subject that an input is made of."""
    videos = CORPORA[wildcards.dataset].videos[wildcards.subject]
    stages = request(wildcards.kind).stages
    return [
        path for stage in stages for path in artifacts(stage, wildcards.dataset, videos)
    ]


def packs(wildcards, persons):
    """Packs of every input of a recipe of some subjects."""
    demo = EXPERIMENTS[wildcards.experiment].is_demo
    return [
        f"results/artifacts/{dataset}/pack-{name}/{subject}.h5"
        for name in recipe_inputs(wildcards.recipe, demo=demo)
        for dataset, subject in persons
    ]


def training_packs(wildcards):
    persons = EXPERIMENTS[wildcards.experiment].training(wildcards.fold)
    return packs(wildcards, persons)


def heldout_packs(wildcards):
    return packs(wildcards, EXPERIMENTS[wildcards.experiment].folds[wildcards.fold])


def subject_labels(experiment, persons):
    """Paths of the labels of subjects."""
    return [
        f"results/protocols/{experiment}/{dataset}/{subject}.csv"
        for dataset, subject in persons
    ]


def training_subject_labels(wildcards):
    persons = EXPERIMENTS[wildcards.experiment].training(wildcards.fold)
    return subject_labels(wildcards.experiment, persons)


def experiment_files(wildcards, name):
    """One file of every fold and seed of a recipe on an experiment."""
    return expand(
        "results/models/{recipe}/{experiment}/{fold}/seed{seed}/{name}.h5",
        name=name,
        recipe=wildcards.recipe,
        experiment=wildcards.experiment,
        fold=EXPERIMENTS[wildcards.experiment].folds,
        seed=CONFIG.seeds,
    )


def for_experiments(pattern, **values):
    """Function of wildcards: one file for each experiment; one readable line when there is none."""

    def files(wildcards):
        if not TABLED:
            sys.exit(
                "mezoo: no protocol of recognition.protocols has all its corpora; set their root in config.yaml,"
                " or another protocol (mezoo catalog --explain list)"
            )
        return expand(pattern, **wildcards, **values, experiment=TABLED)

    return files


def fold_of(experiment, person):
    """Name of the fold of an experiment that holds a subject out."""
    folds = EXPERIMENTS[experiment].folds.items()
    return next(fold for fold, persons in folds if person in persons)


def spotted_inputs(wildcards):
    """Two models that have not seen a subject, what one of them found in its videos, and its faces."""
    dataset, subject = wildcards.dataset, wildcards.subject
    fold = fold_of(wildcards.experiment, (dataset, subject))
    seed = f"seed{wildcards.seed}"
    spotted = f"results/models/{wildcards.spotter}/{dataset}/{subject}/{seed}"
    folder = f"results/models/{wildcards.recogniser}/{wildcards.experiment}/{fold}"
    return {
        "model": f"{folder}/{seed}/model.h5",
        "spotter": f"{spotted}/model.h5",
        "proposals": f"{spotted}/proposals.h5",
        "faces": artifacts("faces", dataset, CORPORA[dataset].videos[subject]),
        **input_weights(wildcards),
    }


def input_weights(wildcards):
    """Files that the inputs of a recogniser are made with and its model does not hold, by option."""
    demo = EXPERIMENTS[wildcards.experiment].is_demo
    names = recipe_inputs(wildcards.recogniser, demo=demo)
    stages = [stage for name in names for stage in request(name).stages]
    found = {}
    if any(stage == "shape" or "magnet" in stage for stage in stages):
        found["magnet"] = magnet_weights(wildcards)
    if "slstt_tokens-768" in stages and CONFIG.recognition.slstt_weights:
        found["slstt"] = CONFIG.recognition.slstt_weights.expanduser()
    return found


def spotted_everywhere(wildcards):
    """Classes of what was spotted in every subject of an experiment, with every seed."""
    return [
        path
        for dataset, subject in EXPERIMENTS[wildcards.experiment].persons
        for path in expand(
            "results/spotted/{models}/{experiment}/{dataset}/{subject}/seed{seed}.csv",
            models=f"{wildcards.spotter}_{wildcards.recogniser}",
            experiment=wildcards.experiment,
            dataset=dataset,
            subject=subject,
            seed=CONFIG.seeds,
        )
    ]


def strs_scores(wildcards):
    """Scores of every experiment of spot-then-recognise; one readable line when there is none."""
    if not STRS:
        sys.exit(
            "mezoo: no protocol of recognition.strs_protocols has its corpus; set the root of casme_sq or samm_lv"
            " in config.yaml"
        )
    return expand(
        "results/scores/{spotter}_{recogniser}/{experiment}.csv",
        spotter=wildcards.spotter,
        recogniser=wildcards.recogniser,
        experiment=STRS,
    )


def official_list(experiment):
    """Option with the organisers' list of MEGC 2019, where the user has it."""
    given = CONFIG.recognition.megc2019_list
    wanted = given and experiment.protocol.official and not experiment.is_demo
    return f"--official '{given}'" if wanted else ""


def backbone(wildcards):
    """Weights that the network of a recipe starts from: the user's file, or trained on macro-expressions."""
    demo = EXPERIMENTS[wildcards.experiment].is_demo
    weights = backbone_of(wildcards.recipe, CONFIG, MACRO, demo=demo)
    return [] if weights is None else [str(weights)]


def slstt_weights(wildcards):
    """The published vision transformer, for tokens of its width."""
    if wildcards.dim == "64":
        return []
    if CONFIG.recognition.slstt_weights is None:
        sys.exit(
            "mezoo: SLSTT needs its vision transformer; set recognition.slstt_weights to B_16_imagenet1k.pth,"
            " or leave slstt out of recognition.recipes"
        )
    return [CONFIG.recognition.slstt_weights.expanduser()]


def when_reported(task, files):
    """Input function of the report: these files if it tells of recipes of the task, else none."""
    return lambda wildcards: files(wildcards) if REPORTED[task] else []


def reported_audits(wildcards):
    """Audits of the corpora that the report tells of."""
    spotted = spotted_names() if REPORTED["spotting"] else []
    recognised = [
        c.name
        for e in TABLED.values()
        if REPORTED["recognition"]
        for c in e.corpora.values()
    ]
    names = dict.fromkeys([*spotted, *recognised])
    return [f"results/catalog/{name}/audit.csv" for name in names]


def one_model_of_each(wildcards):
    """A model of the first fold for each reported recogniser and experiment, which its card describes."""
    return [
        f"results/models/{recipe}/{name}/{next(iter(experiment.folds))}/seed{CONFIG.seeds[0]}/model.h5"
        for recipe in REPORTED["recognition"]
        for name, experiment in TABLED.items()
    ]
