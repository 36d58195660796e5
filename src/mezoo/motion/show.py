"""Flow between two image files, written as an artifact, a Middlebury ``.flo`` file or a colour picture.

File format and colour wheel: Baker et al., "A database and evaluation methodology for optical flow",
IJCV 92 (2011) 1-31.
"""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np

from mezoo.artifact import ArtifactWriter
from mezoo.atomic import write_bytes
from mezoo.errors import ConfigError, DataError
from mezoo.motion.backends import Backend, get_backend
from mezoo.stage import produce

_FLO_TAG = np.float32(202021.25)
#: Steps of the colour wheel from one hue to the next: (steps, first hue, second hue), RGB.
_WHEEL = (
    (15, (255, 0, 0), (255, 255, 0)),
    (6, (255, 255, 0), (0, 255, 0)),
    (4, (0, 255, 0), (0, 255, 255)),
    (11, (0, 255, 255), (0, 0, 255)),
    (13, (0, 0, 255), (255, 0, 255)),
    (6, (255, 0, 255), (255, 0, 0)),
)


def read_flo(path: str | Path) -> np.ndarray:
    """Read a ``.flo`` file: float32, shape (H, W, 2), (dx, dy) in px; unknown values are above 1e9.

    Raises
    ------
    DataError
        The file is no ``.flo`` file or is cut short.
    """
    data = Path(path).read_bytes()
    width, height = np.frombuffer(data[4:12], "<i4") if len(data) >= 12 else (0, 0)
    tag = np.frombuffer(data[:4], "<f4") if len(data) >= 4 else np.zeros(1)
    if tag[0] != _FLO_TAG or len(data) != 12 + 8 * int(width) * int(height):
        raise DataError(
            f"{len(data)} bytes that are no flow field",
            "the tag 202021.25, width, height and as many (dx, dy)",
            "Write the file again",
            file=path,
        )
    return np.frombuffer(data[12:], "<f4").reshape(height, width, 2).astype(np.float32)


def flo_bytes(flow: np.ndarray) -> bytes:
    """Content of a ``.flo`` file for flow of shape (H, W, 2) in px."""
    height, width, _ = flow.shape
    head = _FLO_TAG.astype("<f4").tobytes() + np.array([width, height], "<i4").tobytes()
    return head + np.ascontiguousarray(flow, "<f4").tobytes()


def flow_colors(flow: np.ndarray, *, largest: float | None = None) -> np.ndarray:
    """Show direction as hue and magnitude as saturation.

    Parameters
    ----------
    flow : ndarray, float, shape (H, W, 2)
        (dx, dy) in px.
    largest : float, optional
        Magnitude in px with full saturation; larger ones are darkened. The largest of this field when absent.

    Returns
    -------
    ndarray, uint8, shape (H, W, 3)
        RGB; no motion is white.
    """
    wheel = np.vstack([np.linspace(first, second, n, endpoint=False) for n, first, second in _WHEEL]) / 255
    magnitude = np.hypot(flow[..., 0], flow[..., 1])
    largest = float(magnitude.max()) if largest is None else largest
    saturation = magnitude / largest if largest > 0 else magnitude
    place = (np.arctan2(-flow[..., 1], -flow[..., 0]) / np.pi + 1) / 2 * (len(wheel) - 1)
    low = place.astype(int)
    part = (place - low)[..., None]
    hue = wheel[low] * (1 - part) + wheel[(low + 1) % len(wheel)] * part
    inside = saturation[..., None] <= 1
    color = np.where(inside, 1 - saturation[..., None] * (1 - hue), 0.75 * hue)
    return np.floor(255 * color).astype(np.uint8)


def color_wheel(size: int) -> np.ndarray:
    """Draw the legend of `flow_colors`: a disc whose border has the largest magnitude, uint8 (size, size, 3) RGB."""
    axis = np.linspace(-1, 1, size)
    flow = np.stack(np.meshgrid(axis, axis), axis=-1)
    colors = flow_colors(flow, largest=1.0)
    colors[np.hypot(flow[..., 0], flow[..., 1]) > 1] = 255
    return colors


def sparse_flow(flow: np.ndarray, step: int) -> tuple[np.ndarray, np.ndarray]:
    """Average the flow over squares, for arrows that can be told apart.

    Parameters
    ----------
    flow : ndarray, float, shape (H, W, 2)
        (dx, dy) in px.
    step : int
        Side of the squares in px; what is left over at the border belongs to none.

    Returns
    -------
    places : ndarray, float64, shape (N, 2)
        Centres (x, y) of the squares in px.
    vectors : ndarray, float64, shape (N, 2)
        Mean (dx, dy) in px.
    """
    rows, columns = flow.shape[0] // step, flow.shape[1] // step
    top, left = (flow.shape[0] - rows * step) // 2, (flow.shape[1] - columns * step) // 2
    inner = flow[top : top + rows * step, left : left + columns * step].astype(np.float64)
    vectors = inner.reshape(rows, step, columns, step, 2).mean(axis=(1, 3)).reshape(-1, 2)
    y, x = np.mgrid[:rows, :columns] * step + (step - 1) / 2
    return np.stack([x + left, y + top], axis=-1).reshape(-1, 2), vectors


def round_scale(factor: float) -> float:
    """Round a magnification down to 1, 2 or 5 times a power of ten, which a reader can reckon with.

    Parameters
    ----------
    factor : float
        Positive and finite.
    """
    power = 10.0 ** np.floor(np.log10(factor))
    return float(max(step for step in (1, 2, 5) if step * power <= factor * (1 + 1e-9)) * power)


def flow_between(
    first: str | Path, second: str | Path, *, backend: str = "native", profile: str | None = None
) -> tuple[np.ndarray, np.ndarray, Backend]:
    """Compute the flow between two image files.

    Parameters
    ----------
    first, second : Path
        Images of one size; colour is converted to grey levels.
    backend : str
        Name of a flow method.
    profile : str, optional
        ``exact`` or ``stream``, for the methods that have it.

    Returns
    -------
    image : ndarray, uint8, shape (H, W)
        Grey levels of the first image, on whose pixels the flow is defined.
    flow : ndarray, float32, shape (H, W, 2)
        (dx right, dy down) in px.
    method : Backend

    Raises
    ------
    ConfigError
        An image cannot be read, sizes differ, or the method has no such name or profile.
    """
    method = get_backend(backend, **({} if profile is None else {"profile": profile}))
    image = _read_grey(first)
    return image, method(image, _read_grey(second)), method


def flow_files(
    first: str | Path,
    second: str | Path,
    out: str | Path,
    *,
    backend: str = "native",
    profile: str | None = None,
) -> None:
    """Compute the flow between two image files and write it.

    Parameters
    ----------
    first, second, backend, profile : see `flow_between`
    out : Path
        ``.h5``: flow artifact with ``flow`` float16 (1, H, W, 2); ``.flo``: float32; ``.png``: colours, and
        nothing else (`mezoo.report.flow_picture` draws the picture with legend, arrows and strain).

    Raises
    ------
    ConfigError
        As `flow_between`, or the ending of `out` is another.
    """
    out = Path(out)
    if out.suffix not in (".h5", ".flo", ".png"):
        raise ConfigError(
            f"output '{out.name}'", "a name that ends in .h5, .flo or .png", "Rename the output"
        )
    _, flow, method = flow_between(first, second, backend=backend, profile=profile)
    if out.suffix == ".h5":

        def make(writer: ArtifactWriter) -> None:
            writer.write("flow", flow[None].astype(np.float16), axes="(T-1, H, W, (dx, dy))", units="px")
            writer.write("valid", np.ones(1, bool), axes="(T-1)")

        params = {"backend": method.name, **method.params, "keep": "full"}
        produce(out, stage="flow_pair", params=params, inputs={"first": first, "second": second}, make=make)
    elif out.suffix == ".png":
        write_bytes(out, cv2.imencode(".png", flow_colors(flow)[..., ::-1])[1].tobytes())
    else:
        write_bytes(out, flo_bytes(flow))


def _read_grey(path: str | Path) -> np.ndarray:
    image = cv2.imread(str(path), cv2.IMREAD_GRAYSCALE)
    if image is None:
        raise ConfigError("no image that can be read", "an image file", "Check the path", file=path)
    return image
