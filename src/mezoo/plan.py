"""The plan of a run: which corpora, videos and folds follow from the configuration.

Computed from folder names alone (or from the demo's plan), before a frame is read, so that the whole
graph of jobs is known when the workflow starts. Light on purpose: the Snakefile imports it.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mezoo import datasets, demo
from mezoo.catalog_items import Kind, VideoRef
from mezoo.config import Config, DatasetConfig
from mezoo.errors import ConfigError

#: The demo corpora of a run: those whose results the papers of the spotting recipes print, and three of clips.
_DEMO = ("casme_sq", "samm_lv", "casme2", "samm", "smic")
#: Layouts of macro-expressions, on which backbones are pretrained.
_MACRO = ("ckplus", "folder")
#: Layouts of still images, in which nothing moves.
_STILLS = ("folder",)
#: The settings of the section ``flow`` that a stage reads, besides `_METHOD`.
_FLOW_SETTINGS = {
    "flow_pair": ("stride",),
    "flow_onset": ("head_motion", "strain"),
    "flow_apex": ("head_motion", "strain", "missing_apex"),
    "spot_images": (),
}
_METHOD = ("backend", "scales", "profile")


def demo_root(config: Config) -> Path:
    """Folder of the demo corpora; other settings are another folder, so nothing is mixed or lost."""
    return Path("results/demo") / f"{config.demo.size}-{config.demo.subjects}-seed{config.demo.seed}"


@dataclass(frozen=True)
class Corpus:
    """One corpus of a run.

    Attributes
    ----------
    name : str
        Name in paths and tables: the layout's, with ``demo_`` before it for a synthetic corpus.
    layout : str
        Name of the reader.
    root : Path
        Folder of the native tree.
    settings : DatasetConfig
        The section of the configuration.
    kind : {"long", "clip"}
        Long videos, in which expressions are spotted, or clips of single expressions.
    is_demo : bool
    videos : dict of str to list of str
        Subject -> its videos, both sorted.
    paths : dict of str to Path
        Video -> its folder of frames, or its file.
    """

    name: str
    layout: str
    root: Path
    settings: DatasetConfig
    kind: Kind
    is_demo: bool
    videos: dict[str, list[str]] = field(repr=False)
    paths: dict[str, Path] = field(repr=False)

    @property
    def subjects(self) -> list[str]:
        """The folds: each subject is held out once."""
        return list(self.videos)

    def all_videos(self) -> list[str]:
        """Every video of the corpus."""
        return [video for videos in self.videos.values() for video in videos]

    def training_videos(self, subject: str) -> list[str]:
        """Videos of everybody but `subject`: all that the fit of this fold may see."""
        return [video for other, videos in self.videos.items() if other != subject for video in videos]

    def failed_share(self, subject: str, allowed: float) -> float:
        """Share of the fold's training videos that may have failed, where `allowed` holds for the corpus.

        The same number of videos is a larger share of a fold than of the corpus; rounded up.
        """
        share = allowed * len(self.all_videos()) / max(1, len(self.training_videos(subject)))
        return min(1.0, math.ceil(share * 1e6) / 1e6)

    def record(self, video: str) -> dict[str, Any]:
        """Return what the stage ``faces`` needs to know of a video: nothing about any other, and no label."""
        subject = next(subject for subject, videos in self.videos.items() if video in videos)
        return {
            "dataset": self.name,
            "subject": subject,
            "video": video,
            "path": self.paths[video].as_posix(),
            "fps": datasets.LAYOUTS[self.layout].fps_of(self.settings.options),
        }


def corpora(config: Config) -> dict[str, Corpus]:
    """List the corpora of a run by name, in the order of the configuration; still images take no part.

    Raises
    ------
    ConfigError
        No corpus at all, or one of long videos with fewer than two subjects.
    """
    found = {corpus.name: corpus for corpus in _corpora(config)}
    if not found:
        stills = ", ".join(layout for layout, _ in _configured(config))
        raise ConfigError(
            f"only still images have a root ({stills})"
            if stills
            else "no dataset has a root and the demo is switched off",
            "at least one corpus of videos",
            "Set datasets.<name>.root in config.yaml, or demo.enabled: auto",
        )
    for corpus in found.values():
        if corpus.kind == "long" and len(corpus.videos) < 2:
            raise ConfigError(
                f"{corpus.name} has {len(corpus.videos)} subject(s) with videos",
                "at least two, so that one can be held out",
                f"Check datasets.{corpus.layout}.root",
                file=corpus.root,
            )
    return found


def spotted(found: Mapping[str, Corpus]) -> dict[str, Corpus]:
    """Choose the corpora of long videos: every recipe spots expressions in these."""
    return {name: corpus for name, corpus in found.items() if corpus.kind == "long"}


def require_spotted(found: Mapping[str, Corpus]) -> list[str]:
    """Name the corpora of long videos.

    Raises
    ------
    ConfigError
        There is none, so that nothing can be spotted.
    """
    if not (names := list(spotted(found))):
        raise ConfigError(
            f"only corpora of clips have a root ({', '.join(found)})",
            "at least one corpus of long videos, in which expressions are spotted",
            "Set its datasets.<name>.root in config.yaml or demo.enabled: true, or ask for artifacts of the"
            f" clips, e.g. results/catalog/{next(iter(found))}/flow_apex.csv",
        )
    return names


def other_corpora(found: Mapping[str, Corpus], name: str) -> list[Corpus]:
    """List the corpora of long videos that train when `name` is held out; real and synthetic ones never meet.

    Raises
    ------
    ConfigError
        There is none.
    """
    held_out = found[name]
    others = [c for c in spotted(found).values() if c.name != name and c.is_demo == held_out.is_demo]
    if not others:
        raise ConfigError(
            f"{name} is the only corpus of long videos",
            "a second one, to train on",
            "Set its datasets.<name>.root in config.yaml, or ask for results/loso_<recipe>.csv",
        )
    return others


def _configured(config: Config) -> Iterator[tuple[str, DatasetConfig]]:
    return ((layout, settings) for layout, settings in config.datasets if settings.root is not None)


def _corpora(config: Config) -> Iterator[Corpus]:
    for layout, settings in _configured(config):
        if settings.root is not None and layout not in _STILLS:
            root = settings.root.expanduser()
            refs = datasets.list_videos(layout, root, coding=settings.coding, options=settings.options)
            yield _corpus(layout, layout, root, settings, False, refs)
    if config.demo_enabled:
        for layout, settings in config.datasets:
            if layout in _DEMO:
                yield demo_corpus(layout, settings, config)


def demo_corpus(layout: str, settings: DatasetConfig, config: Config) -> Corpus:
    """Plan the synthetic corpus in the native form of `layout`."""
    planned = demo.plan_corpus(
        layout, n_subjects=config.demo.subjects, seed=config.demo.seed, size=config.demo.size
    )
    root = demo_root(config) / layout
    refs = [VideoRef(video.video, video.subject, root / video.path) for video in planned.listed()]
    plain = DatasetConfig(target_fps=settings.target_fps)  # the user's own paths and policies do not apply
    return _corpus(f"demo_{layout}", layout, root, plain, True, refs)


def _corpus(
    name: str, layout: str, root: Path, settings: DatasetConfig, is_demo: bool, refs: list[VideoRef]
) -> Corpus:
    kept = sorted((ref for ref in refs if ref.video not in settings.exclude), key=lambda ref: ref.video)
    videos: dict[str, list[str]] = {ref.subject: [] for ref in sorted(kept, key=lambda ref: ref.subject)}
    for ref in kept:
        videos[ref.subject].append(ref.video)
    kind = datasets.LAYOUTS[layout].kind_of(settings.options)
    return Corpus(name, layout, root, settings, kind, is_demo, videos, {ref.video: ref.path for ref in kept})


def macro_corpora(config: Config) -> dict[str, Corpus]:
    """List the corpora of macro-expressions on which backbones are pretrained, by name.

    Those with a root; while only demo corpora take part in a run, the synthetic CK+.
    """
    found = {}
    for layout, settings in _configured(config):
        if layout in _MACRO and settings.root is not None:
            found[layout] = Corpus(
                layout, layout, settings.root.expanduser(), settings, "clip", False, {}, {}
            )
    if not found and config.demo_enabled and not any(_configured(config)):
        corpus = demo_corpus("ckplus", config.datasets.ckplus, config)
        found[corpus.name] = corpus
    return found


def training_faces(found: Mapping[str, Corpus], most: int = 200) -> dict[str, list[str]]:
    """Choose the videos whose faces a network without labels learns from: clips, or else long videos.

    Parameters
    ----------
    found : mapping
        The corpora of a run.
    most : int
        Videos in all, the same number of each subject, at least one.

    Returns
    -------
    dict
        Corpus -> videos.
    """
    clips = {name: corpus for name, corpus in found.items() if corpus.kind == "clip"}
    chosen = clips or found
    each = max(1, most // sum(len(corpus.subjects) for corpus in chosen.values()))
    return {
        name: [video for videos in corpus.videos.values() for video in videos[:each]]
        for name, corpus in chosen.items()
    }


def _faces_settings(config: Config) -> dict[str, Any]:
    """Return the settings of the faces; a back-end and its weights are named only where it is not dlib's."""
    settings = config.faces.model_dump(mode="json")
    for kind, weights in (("detector", "detector_weights"), ("landmarks", "landmark_weights")):
        if settings[kind] == "dlib":
            del settings[kind], settings[weights]
    return settings


def stage_settings(config: Config, corpus: Corpus, stage: str) -> dict[str, Any]:
    """Return exactly the settings that `stage` reads, JSON-able: what a job depends on and no more."""
    if stage == "faces":
        return {"target_fps": corpus.settings.target_fps, **_faces_settings(config)}
    if stage == "shape":
        return {"factors": config.magnify.shape_factors, "missing_apex": config.flow.missing_apex}
    if stage == "interpolated":
        schedule = config.interpolate.schedule
        around_apex = {"missing_apex": config.flow.missing_apex} if schedule != "even" else {}
        return {"schedule": schedule, **around_apex}
    regions = config.mdmo.model_dump(mode="json")
    if stage not in _FLOW_SETTINGS:
        return regions
    flow = {name: getattr(config.flow, name) for name in (*_METHOD, *_FLOW_SETTINGS[stage])}
    if config.flow.backend == "torch":  # no other method reads it
        flow["accelerator"] = config.accelerator
    if stage != "flow_pair":
        return flow
    keep = config.flow.keep
    if keep == "auto":
        keep = "windows" if corpus.kind == "long" else "full"
    # stored windows must cover the ROIs; whole frames do not depend on them
    return {**flow, "keep": keep, **(regions if keep == "windows" else {})}
