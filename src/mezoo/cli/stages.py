"""The stages of preprocessing, from the frames of a video to features and clips of its expressions."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from mezoo.cli.options import (
    Faces,
    Factor,
    Files,
    InterpolateMethod,
    Labels,
    MagnetWeights,
    MagnifyMethod,
    MissingApex,
    Out,
    RifeWeights,
    Settings,
    Threads,
    limit,
    limit_torch,
    settings_of,
)

app = typer.Typer()


@app.command()
def faces(
    record: Annotated[str, typer.Argument(help="Dataset, subject, video, path, fps: JSON, or a file of it.")],
    out: Out,
    settings: Settings = "{}",
    threads: Threads = 1,
) -> None:
    """Frames, face box and 68 landmarks of one video."""
    from mezoo.faces import faces as run

    limit(threads)
    known = settings_of(record, "the record") if record.startswith("{") else record
    run(known, out, **settings_of(settings))


@app.command()
def flow_pair(
    faces: Faces,
    out: Out,
    settings: Settings = "{}",
    threads: Threads = 1,
) -> None:
    """Optical flow between frames of one video, neighbouring or further apart."""
    from mezoo.motion import flow_pair_file

    limit(threads)
    flow_pair_file(faces, out, **settings_of(settings))


@app.command()
def flow_onset(
    faces: Faces, labels: Labels, out: Out, settings: Settings = "{}", threads: Threads = 1
) -> None:
    """Optical flow from the onset of each expression to all its frames, with strain."""
    from mezoo.motion import flow_onset_file

    limit(threads)
    flow_onset_file(faces, labels, out, **settings_of(settings))


@app.command()
def flow_apex(
    faces: Faces, labels: Labels, out: Out, settings: Settings = "{}", threads: Threads = 1
) -> None:
    """Optical flow from the onset to the apex of each expression, with strain, magnitude and orientation."""
    from mezoo.motion import flow_apex_file

    limit(threads)
    flow_apex_file(faces, labels, out, **settings_of(settings))


@app.command()
def mdmo(
    flow: Annotated[Path, typer.Argument(help="Artifact of the stage flow_pair.")],
    faces: Faces,
    out: Out,
    settings: Settings = "{}",
    threads: Threads = 1,
) -> None:
    """MDMO features of the ROIs of one video."""
    from mezoo.motion import mdmo_file

    limit(threads)
    mdmo_file(flow, faces, out, **settings_of(settings))


@app.command()
def spot_images(
    faces: Faces,
    out: Out,
    images: Annotated[str, typer.Option(help="What is seen and how far apart, e.g. softnet-200 (ms).")],
    settings: Settings = "{}",
    threads: Threads = 1,
) -> None:
    """Small images of each frame of one video for networks that spot expressions."""
    from mezoo.motion import spot_images_file

    limit(threads)
    spot_images_file(faces, out, images=images, **settings_of(settings))


@app.command()
def features(
    feature: Annotated[str, typer.Argument(help="Name of a feature, e.g. mdmo_liu; a wrong name lists all.")],
    flow: Annotated[Path, typer.Argument(help="Artifact of the flow stage that the feature is made of.")],
    faces: Faces,
    out: Out,
    labels: Annotated[
        Path | None, typer.Option(help="Event table of the video, for features of flow_pair per event.")
    ] = None,
    settings: Annotated[str, typer.Option(help="Options of the feature as JSON.")] = "{}",
    missing_apex: MissingApex = "middle",
    threads: Threads = 1,
) -> None:
    """One of the features made from cached flow, for one video."""
    from mezoo.motion import features_file

    limit(threads)
    known = settings_of(settings)
    features_file(flow, faces, out, feature=feature, labels=labels, missing_apex=missing_apex, **known)


@app.command()
def magnified(
    faces: Faces,
    labels: Labels,
    out: Out,
    method: MagnifyMethod = "lagrangian",
    factor: Factor = 4.0,
    weights: MagnetWeights = None,
    threads: Threads = 1,
) -> None:
    """Frames of each expression of one video with their motion since the onset made larger."""
    limit(threads)
    limit_torch(threads)
    from mezoo.magnify.stage import magnified_file

    magnified_file(faces, labels, out, method=method, factor=factor, weights=weights)


@app.command()
def faces_magnified(
    faces: Faces,
    out: Out,
    method: Annotated[str, typer.Option(help="eulerian or phase.")] = "phase",
    factor: Factor = 2.0,
    threads: Threads = 1,
) -> None:
    """Faces of a whole video with their motion made larger against a running reference; no label is read."""
    limit(threads)
    from mezoo.magnify.faces_stage import faces_magnified_file

    faces_magnified_file(faces, out, method=method, factor=factor)


@app.command()
def shape(
    faces: Faces,
    labels: Labels,
    out: Out,
    weights: Annotated[Path, typer.Option(help="Weights of MagNet, published or of train-magnet.")],
    settings: Settings = "{}",
    threads: Threads = 1,
) -> None:
    """MagNet's shape representation of the apex of each expression of one video."""
    limit(threads)
    limit_torch(threads)
    from mezoo.magnify.shape_stage import shape_file

    shape_file(faces, labels, out, weights=weights, **settings_of(settings))


@app.command()
def train_magnet(
    out: Out,
    profile: Annotated[str, typer.Option(help="demo (about 3 minutes) or standard (about 25).")] = "demo",
    seed: Annotated[int, typer.Option(min=0, help="Same seed, same weights on one machine.")] = 0,
    threads: Threads = 1,
) -> None:
    """Train a small MagNet on made scenes; weights that fail their check are not written."""
    limit(threads)
    limit_torch(threads)
    from mezoo.magnify.magnet_train import train_magnet_file

    train_magnet_file(out, profile=profile, seed=seed)


@app.command()
def interpolated(
    faces: Faces,
    labels: Labels,
    out: Out,
    method: InterpolateMethod = "tim",
    length: Annotated[int, typer.Option(help="Frames of each clip.")] = 32,
    weights: RifeWeights = None,
    settings: Settings = "{}",
    threads: Threads = 1,
) -> None:
    """Each expression of one video as a clip of a given length."""
    limit(threads)
    limit_torch(threads)
    from mezoo.interpolate.stage import interpolated_file

    interpolated_file(
        faces, labels, out, method=method, length=length, weights=weights, **settings_of(settings)
    )


@app.command()
def train_rife(
    faces: Annotated[
        list[Path], typer.Argument(help="Artifacts of the stage faces, of two or more subjects.")
    ],
    out: Out,
    minutes: Annotated[float, typer.Option(min=0, help="Training ends after so long at the latest.")] = 30.0,
    seed: Annotated[int, typer.Option(min=0, help="Same seed, same weights on one machine.")] = 0,
    threads: Threads = 1,
) -> None:
    """Train a small RIFE on faces, and report how well it rebuilds frames of subjects it never saw."""
    limit(threads)
    limit_torch(threads)
    from mezoo.interpolate.rife_stage import train_rife_stage
    from mezoo.interpolate.rife_train import RifeProfile

    train_rife_stage(faces, out, profile=RifeProfile(max_minutes=minutes), seed=seed)


@app.command()
def usable(
    artifacts: Files,
    out: Out,
    max_failed_share: Annotated[float, typer.Option(min=0, max=1)] = 0.1,
) -> None:
    """List which videos of a corpus are usable; fail when too many are not."""
    from mezoo.status import usable as write_usable

    write_usable(artifacts, out, max_failed_share=max_failed_share)
