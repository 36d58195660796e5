"""What works on any video or image, without a corpus."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from mezoo.cli.options import (
    InterpolateMethod,
    MagnetWeights,
    MagnifyMethod,
    Out,
    RifeWeights,
    Threads,
    limit,
    limit_torch,
    weights_of,
)

app = typer.Typer()


@app.command()
def spot(
    video: Annotated[Path, typer.Argument(help="A video file or a folder of frames.")],
    out: Out,
    model: Annotated[
        Path | None,
        typer.Option(
            help="A trained model, e.g. results/models/auwgcn/everybody/model.h5; without it peaks of motion."
        ),
    ] = None,
    face: Annotated[int, typer.Option(help="Which face is followed; 1 is the largest.", min=1)] = 1,
    fps: Annotated[
        float | None, typer.Option(help="Frames per second of a folder of frames. [30]", min=1)
    ] = None,
    threads: Threads = 2,
) -> None:
    """Find expressions in your own video: intervals, a page to look at them and an annotated mp4."""
    limit(threads)
    limit_torch(threads)
    from mezoo.report.spot import spot_video

    spot_video(video, out, model=model, face=face, fps=fps)


@app.command()
def recognise(
    videos: Annotated[list[Path], typer.Argument(help="Video files or folders of frames.")],
    model: Annotated[
        Path, typer.Option(help="A trained model, e.g. results/models/ststnet/<protocol>/everybody/model.h5.")
    ],
    out: Out,
    intervals: Annotated[
        Path | None,
        typer.Option(help="CSV: onset, apex, offset (frames, or 0.4s) or onset_s ...; of `mezoo spot`, too."),
    ] = None,
    spot: Annotated[bool, typer.Option("--spot", help="Look for intervals first; nothing trained.")] = False,
    onset: Annotated[
        str | None, typer.Option(help="Frame, or seconds as 0.4s; first frame if absent.")
    ] = None,
    apex: Annotated[str | None, typer.Option(help="The same; searched if absent.")] = None,
    offset: Annotated[str | None, typer.Option(help="The same; last frame if absent.")] = None,
    weights: Annotated[
        list[str], typer.Option(help="magnet=FILE or slstt=FILE, for models that need them.")
    ] = [],  # noqa: B006  (typer reads it, nobody writes)
    fps: Annotated[float | None, typer.Option(help="Frames per second of a folder of frames. [30]")] = None,
    threads: Threads = 2,
) -> None:
    """Tell which class each expression in your own videos resembles; without intervals a video is one."""
    limit(threads)
    limit_torch(threads)
    from mezoo.report.recognise import Asked, recognise_videos

    places = {"onset": onset, "apex": apex, "offset": offset}
    recognise_videos(
        videos,
        out,
        model=model,
        asked=Asked(intervals, {name: text for name, text in places.items() if text}, spot),
        fps=fps,
        weights=weights_of(weights),
    )


@app.command()
def flow(
    first: Annotated[Path, typer.Argument(help="Image at time t.")],
    second: Annotated[Path, typer.Argument(help="Image at time t + 1.")],
    out: Annotated[Path, typer.Option("-o", "--out", help="FILE.h5, FILE.flo or FILE.png.")],
    backend: Annotated[
        str, typer.Option(help="Flow method: native, opencv, farneback, dis ...; a wrong name lists all.")
    ] = "native",
    profile: Annotated[
        str | None, typer.Option(help="exact or stream, for the methods that have it.")
    ] = None,
    plain: Annotated[
        bool, typer.Option("--plain", help="PNG of the colours alone, pixel by pixel, without legend.")
    ] = False,
    threads: Threads = 1,
) -> None:
    """Optical flow between two images, as data or as a picture with arrows and strain."""
    limit(threads)
    if out.suffix == ".png" and not plain:
        from mezoo.report.flow_picture import flow_picture

        flow_picture(first, second, out, backend=backend, profile=profile)
        return
    from mezoo.motion import flow_files

    flow_files(first, second, out, backend=backend, profile=profile)


@app.command()
def magnify(
    video: Annotated[Path, typer.Argument(help="A video file or a folder of frames.")],
    out: Annotated[Path, typer.Option("-o", "--out", help="FILE.mp4, or a folder for frames.")],
    method: MagnifyMethod = "lagrangian",
    factor: Annotated[
        float | None, typer.Option(help="Total factor: a motion of 1 px becomes one of FACTOR px. [4]")
    ] = None,
    fps: Annotated[
        float | None, typer.Option(help="True frames per second, where the file does not tell them.")
    ] = None,
    preset: Annotated[
        str | None, typer.Option(help="Published settings of the method; a wrong name lists all.")
    ] = None,
    weights: MagnetWeights = None,
    side_by_side: Annotated[bool, typer.Option("--side-by-side", help="Put the original beside it.")] = False,
    threads: Threads = 1,
) -> None:
    """Make the small motions of any video larger."""
    limit(threads)
    limit_torch(threads)
    from mezoo.magnify.any_video import magnify_video

    magnify_video(
        video,
        out,
        method=method,
        factor=factor,
        fps=fps,
        preset=preset,
        weights=weights,
        side_by_side=side_by_side,
    )


@app.command()
def interpolate(
    video: Annotated[Path, typer.Argument(help="A video file or a folder of frames.")],
    out: Annotated[Path, typer.Option("-o", "--out", help="FILE.mp4, or a folder for images.")],
    method: InterpolateMethod = "flow_warp",
    frames: Annotated[
        int | None, typer.Option(help="Frames of the result, from the first to the last of the video.")
    ] = None,
    factor: Annotated[
        int | None, typer.Option(help="Instead of --frames: new frames for each one of the video.")
    ] = None,
    fps: Annotated[
        float | None,
        typer.Option(help="Frames per second of the result; it lasts as long as the video when absent."),
    ] = None,
    weights: RifeWeights = None,
    side_by_side: Annotated[bool, typer.Option("--side-by-side", help="Put the original beside it.")] = False,
    threads: Threads = 1,
) -> None:
    """Bring any video to a number of frames, or make frames between its frames."""
    limit(threads)
    limit_torch(threads)
    from mezoo.interpolate.any_video import interpolate_video

    made = interpolate_video(
        video,
        out,
        method=method,
        frames=frames,
        factor=factor,
        fps=fps,
        weights=weights,
        side_by_side=side_by_side,
    )
    typer.echo(f"{made.n} frames from {made.n_source}, {made.fps:g} per second: {out}")
