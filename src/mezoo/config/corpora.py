"""The corpora of a run: real ones, and the synthetic ones that stand in for them."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import Field

from mezoo.config.section import Section


class DatasetConfig(Section):
    """Where one corpus lies and how its native form is read."""

    root: Path | None = Field(
        None, description="Folder of the corpus as its owners ship it; empty = not used."
    )
    coding: Path | None = Field(
        None, description="Coding workbook (or a CSV copy); empty = searched for below root."
    )
    target_fps: float | None = Field(
        None, gt=0, description="Frames per second kept (every n-th frame is taken); empty = all frames."
    )
    exclude: list[str] = Field([], description="Ids of videos to leave out, e.g. [s15_0101].")
    options: dict[str, str | bool | int | float] = Field(
        {}, description="Policies of the reader of this layout (docs/datasets.md), e.g. {misplaced: drop}."
    )


class SammLvConfig(DatasetConfig):
    """SAMM Long Videos is recorded at 200 fps and analysed at 25 fps in the literature."""

    target_fps: float | None = Field(
        25, gt=0, description="Frames per second kept (every n-th frame is taken); empty = all frames."
    )


class DatasetsConfig(Section):
    """The corpora, one section each."""

    casme_sq: DatasetConfig = Field(DatasetConfig(), description="CAS(ME)^2, long videos at 30 fps.")
    samm_lv: SammLvConfig = Field(SammLvConfig(), description="SAMM Long Videos, 200 fps.")
    casme: DatasetConfig = Field(DatasetConfig(), description="CASME, clips at 60 fps.")
    casme2: DatasetConfig = Field(DatasetConfig(), description="CASME II, clips at 200 fps.")
    samm: DatasetConfig = Field(DatasetConfig(), description="SAMM, clips at 200 fps.")
    smic: DatasetConfig = Field(
        DatasetConfig(), description="SMIC, clips at 100 fps (HS) or 25 fps (VIS, NIR)."
    )
    smic_e: DatasetConfig = Field(
        DatasetConfig(), description="SMIC-E, long clips at 100 fps (HS) or 25 fps (VIS, NIR)."
    )
    casme3: DatasetConfig = Field(
        DatasetConfig(), description="CAS(ME)^3, long videos (or clips) of part A, and part C, 30 fps."
    )
    mmew: DatasetConfig = Field(DatasetConfig(), description="MMEW, clips at 90 fps.")
    fourdme: DatasetConfig = Field(DatasetConfig(), description="4DME, grey clips at 60 fps.")
    ckplus: DatasetConfig = Field(DatasetConfig(), description="CK+, posed macro-expressions, 30 fps.")
    folder: DatasetConfig = Field(
        DatasetConfig(), description="A folder per class with still images (AffectNet), for pretraining."
    )
    generic: DatasetConfig = Field(
        DatasetConfig(), description="Your own videos, or folders of frames, with a table of events."
    )


class DemoConfig(Section):
    """The synthetic corpora that stand in while no corpus is configured."""

    enabled: Literal["auto"] | bool = Field(
        "auto",
        description="auto = only while no dataset has a root; true = beside the real corpora; false = never.",
    )
    subjects: int = Field(8, ge=3, le=22, description="Subjects in each demo corpus.")
    seed: int = Field(0, ge=0, description="Same seed, same bytes.")
    size: Literal["tiny", "small", "medium", "large"] = Field(
        "small", description="Length and number of the videos; tiny is for tests."
    )
