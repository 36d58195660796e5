"""Every layout of the registry: a tiny corpus on disk is what its plan says, and what its reader finds.

A new layout is covered by being in the registry; if faults are planted in it, it tells here which checks they meet.
"""

from __future__ import annotations

import hashlib
import os
import shutil

import pytest

from mezoo import datasets
from mezoo.datasets.au import parse_aus
from mezoo.demo import list_videos
from mezoo.demo.corpus import write_corpus
from mezoo.demo.layouts import LAYOUTS, samm_lv
from mezoo.demo.plan import plan_corpus
from mezoo.demo.truth import load_truth

#: Planted fault of an event -> checks of the audit that notice it; a fault that readers undo silently meets none.
NOTICED = {
    "casme": {"no offset": ["offset_missing"], "second apex": ["second_apex"]}
    | {"row twice": ["event_id", "duplicate"], "other stem": []},
    "casme2": {"apex not coded": ["apex_missing"], "apex is onset": ["apex_weak"], "no AU": ["au_string"]}
    | {"offset not on disk": ["clip_frames"], "no row": ["unannotated"], "relabelled": []},
    "casme3": {"onset 0": ["onset_zero"], "mended apex": ["label_differs"]}
    | {"mended offset": ["label_differs"], "Others": []},
    "casme_sq": {"no offset": ["offset_missing"], "no apex": ["apex_missing"]}
    | {"apex after offset": ["apex_outside"]},
    "ckplus": {"no label": []},
    "fourdme": {"contradicting column": ["units_differ"], "AU all the time": []},
    "generic": {"blank apex": ["apex_missing"], "blank offset": ["offset_missing"]},
    "mmew": {"frames after the offset": ["frame_count"]},
    "samm": dict.fromkeys(("apex after offset", "apex before onset"), ["apex_outside", "apex_outside_video"])
    | {"AU alternatives": [], "AU intensity": []},
    "samm_lv": {"fractional frames": ["fraction"], "no apex": ["apex_missing"]}
    | {"onset before start": ["onset_zero"]},
    "smic": {"frames missing": ["frame_gap", "frame_count"]},
    "smic_e": {"impossible interval": ["interval_outside"], "wrong emotion": ["emotion_prefix"]}
    | {"repeated interval": ["interval_repeated"], "wrong first frame": []},
}
#: Further rows that are about no event: (video or nothing, check).
OTHERS = {
    "casme": {("", "frame_count")},
    "casme_sq": {("s16_0502", "misplaced_video")},
    "folder": {("", "no_class")},
    "generic": {("lost_take1", "video_missing")},
    "smic": {("s03_sur_19", "clip_empty"), ("s03_sur_19", "video_unusable")},
}
#: What readers always tell.
ROUTINE = {"coding_file", "coding_version", "emotions", "objective_class", "pictures"}
#: Corpora whose coding holds no AUs.
WITHOUT_AUS = {"smic", "smic_e", "folder"}
#: Parts that are read on request -> options of the reader.
PARTS = {
    ("smic", "VIS"): {"camera": "VIS"},
    ("smic", "NIR"): {"camera": "NIR"},
    ("smic_e", "VIS"): {"camera": "VIS"},
    ("casme3", "C"): {"part": "C"},
}


@pytest.fixture(scope="session")
def trees(common, written):
    """Layout -> its tiny corpus and the plan, written once when first asked for."""
    made = {layout: (one.root, one.plan) for layout, one in written.items()}

    def tree(layout):
        if layout not in made:
            root = common / f"demo_3/{layout}"
            made[layout] = root, write_corpus(root, layout, n_subjects=3, size="tiny")
        return made[layout]

    return tree


@pytest.fixture(scope="session")
def catalogs(trees):
    """Layout -> what its reader makes of the tiny corpus."""
    made = {}

    def catalog(layout):
        if layout not in made:
            made[layout] = datasets.read(layout, trees(layout)[0])
        return made[layout]

    return catalog


def digests(root):
    return {
        path.relative_to(root).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(root.rglob("*"))
        if path.is_file()
    }


def rows(table):
    """Rows as tuples with None for what is null."""
    return list(table.astype(object).where(table.notna(), None).itertuples())


def frames(video):
    """Return numbers of the frames a reader finds; a still is a video of one frame."""
    return [1] if video.path.endswith(".jpg") else video.numbers()


def planned_events(plan, part=""):
    """Return (video, event) pairs that a reader should give, by video and onset."""
    pairs = [(video, event) for video in plan.videos if video.part == part for event in video.events]
    return [pair for pair in pairs if pair[1].trap != "no row"]


def true_frames(video, event):
    """Return what the reader should give, as the corpus numbers it; None where nothing is coded."""
    if video.path.endswith(".jpg"):
        return 1, 1, 1
    true = [frame + video.first_frame - 1 for frame in (event.onset, event.apex, event.offset)]
    coded = [frame if isinstance(frame, int | float) else None for frame in event.coded]
    return tuple(None if said is None else number for number, said in zip(true, coded, strict=True))


def emotion(layout, event):
    if layout == "samm_lv":  # told by the workbook of SAMM, which has no macro-movements
        return samm_lv.emotion(event) if event.kind == "micro" else ""
    if layout == "casme_sq":
        return {"happiness": "positive", "surprise": "surprise", "others": "others"}.get(
            event.emotion, "negative"
        )
    return event.emotion


@pytest.mark.parametrize("layout", LAYOUTS)
class TestTree:
    def test_list_agrees_with_the_reader(self, layout, trees):
        root, plan = trees(layout)
        refs = datasets.list_videos(layout, root)
        wanted = list_videos(layout, n_subjects=plan.n_subjects, size="tiny")
        assert [(ref.video, ref.subject) for ref in refs] == wanted
        assert [ref.path for ref in refs] == [root / video.path for video in plan.listed()]

    def test_nothing_unfinished_is_left(self, layout, trees):
        assert not [path for path in trees(layout)[0].rglob("*") if ".part" in path.name]

    def test_goes_on_where_it_stopped(self, layout, trees, tmp_path):
        root, plan = trees(layout)
        half = tmp_path / "half"
        shutil.copytree(root, half, copy_function=os.link)
        before = digests(root)
        place = half / plan.videos[0].path
        shutil.rmtree(place) if place.is_dir() else place.unlink()
        for path in LAYOUTS[layout].files(plan):
            (half / path).unlink() if (half / path).is_file() else None
        write_corpus(half, layout, n_subjects=plan.n_subjects, size="tiny")
        assert digests(half) == before


@pytest.mark.parametrize("layout", LAYOUTS)
class TestCatalog:
    def test_videos(self, layout, trees, catalogs):
        found = {row.video: row for row in rows(catalogs(layout).videos)}
        for video in trees(layout)[1].listed():
            row, numbers = found[video.video], frames(video)
            assert row.n_frames == len(numbers)
            if numbers:
                assert (row.first_frame, row.last_frame) == (numbers[0], numbers[-1])
            assert row.fps is None or row.fps == video.fps

    def test_events(self, layout, trees, catalogs):
        wanted = planned_events(trees(layout)[1])
        found = [row for row in rows(catalogs(layout).events) if "duplicate" not in row.flags]
        found = [row for row in found if not row.event.endswith(".2")]
        found.sort(key=lambda row: (row.video, row.onset))
        wanted.sort(key=lambda pair: (pair[0].video, pair[1].onset))
        assert [row.video for row in found] == [video.video for video, _ in wanted]
        for row, (video, event) in zip(found, wanted, strict=True):
            assert row.type == event.kind
            if video.events[0].trap != "wrong emotion":  # it is one cell for the whole row
                assert row.emotion == emotion(layout, event)
            aus = "" if layout in WITHOUT_AUS else event.units
            assert parse_aus(row.aus).certain == parse_aus(aus).certain
            if not NOTICED.get(layout, {}).get(event.trap):
                assert (row.onset, row.apex, row.offset) == self.coded(layout, video, event)
            else:
                assert row.onset in (1, true_frames(video, event)[0])

    @staticmethod
    def coded(layout, video, event):
        onset, apex, offset = true_frames(video, event)
        return (onset, None, offset) if layout == "smic" else (onset, apex, offset)

    def test_audit_holds_exactly_what_was_planted(self, layout, trees, catalogs):
        plan = trees(layout)[1]
        wanted = set(OTHERS.get(layout, set()))
        for video in plan.listed():
            for event in video.events:
                traps = NOTICED.get(layout, {})
                wanted |= {(video.video, check) for check in traps[event.trap]} if event.trap else set()
            if not video.events:
                wanted.add((video.video, "unannotated"))
            elif video.missing:
                wanted.add((video.video, "frame_gap"))
        found = {(row.video, row.check) for row in rows(catalogs(layout).audit) if row.check not in ROUTINE}
        found.discard(("", "apex_missing"))  # a corpus without apexes
        assert found == wanted

    def test_truth_agrees_with_the_plan(self, layout, trees):
        root, plan = trees(layout)
        for video in plan.videos[:2]:
            truth = load_truth(root / "truth" / f"{video.key}.h5")
            assert (truth.video, truth.first_frame, truth.events) == (
                video.video,
                video.first_frame,
                video.events,
            )
            assert len(truth.pose) == video.n_frames


@pytest.mark.parametrize(("layout", "part"), PARTS)
def test_part_on_request(layout, part, trees):
    root, plan = trees(layout)
    catalog = datasets.read(layout, root, options=PARTS[layout, part])
    wanted = planned_events(plan, part)
    found = rows(catalog.events)
    assert sorted((row.video, row.onset, row.offset, row.type, row.emotion) for row in found) == sorted(
        (video.video, event.onset + video.first_frame - 1, event.offset + video.first_frame - 1)
        + (event.kind, event.emotion)
        for video, event in wanted
    )


def test_every_part_is_covered():
    parts = {(layout, video.part) for layout in LAYOUTS for video in plan_corpus(layout).videos if video.part}
    assert parts - {("mmew", "macro")} == set(PARTS)


def test_macro_stills_of_mmew(trees):
    root, plan = trees("mmew")
    catalog = datasets.read("mmew", root, options={"expressions": "all"})
    stills = {video.video: video.events[0].emotion for video in plan.videos if video.part}
    found = {row.video: row.emotion for row in rows(catalog.events) if row.type == "macro"}
    assert found == stills


def test_clips_of_casme3(trees):
    root, plan = trees("casme3")
    catalog = datasets.read("casme3", root, options={"kind": "clip"})
    micro = [event for _, event in planned_events(plan) if event.kind == "micro"]
    assert sorted((row.onset, row.offset) for row in rows(catalog.events)) == sorted(
        (event.onset, event.offset) for event in micro
    )
    assert {row.n_frames for row in rows(catalog.videos)} == {
        event.offset - event.onset + 1 for event in micro
    }


def test_both_codings_of_casme2(trees):
    root, plan = trees("casme2")
    old = datasets.read("casme2", root, coding=root / "CASME2-coding-20140508.xlsx")
    new = datasets.read("casme2", root)
    differing = [
        (a.video, a.emotion, b.emotion)
        for a, b in zip(rows(old.events), rows(new.events), strict=True)
        if a.emotion != b.emotion
    ]
    (relabelled,) = [video for video in plan.videos if video.events[0].trap == "relabelled"]
    assert differing == [(relabelled.video, "sadness", relabelled.events[0].emotion)]
    cropped = datasets.read("casme2", root, options={"pictures": "cropped"})
    assert list(cropped.videos.n_frames) == list(new.videos.n_frames)


def test_numbers_of_layouts_are_their_own():
    assert len({layout.number for layout in LAYOUTS.values()}) == len(LAYOUTS)
    assert all(layout.name == name for name, layout in LAYOUTS.items())


@pytest.mark.parametrize("layout", LAYOUTS)
def test_every_planned_fault_is_known_here(layout):
    traps = {event.trap for v in plan_corpus(layout).videos for event in v.events if event.trap}
    assert traps == set(NOTICED.get(layout, {}))
