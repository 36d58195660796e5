"""Small videos with every oddity that phones, cameras and copies have, made with PyAV."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
from skimage import data

SIDE = 320


def moving_face(phase: float) -> np.ndarray:
    """A portrait whose mouth is moved by up to 5 px, uint8 (320, 320, 3); phase 0..1."""
    image = data.astronaut()[:SIDE, 60 : 60 + SIDE]
    y, x = np.mgrid[:SIDE, :SIDE].astype(np.float32)
    near = np.exp(-(((x - 165) / 45) ** 2 + ((y - 155) / 22) ** 2))
    shift = 5 * np.sin(np.pi * np.clip(phase, 0, 1)) ** 2 * near
    return cv2.remap(image, x, (y - shift).astype(np.float32), cv2.INTER_LINEAR)


def film(path: Path, frames: Sequence[np.ndarray], times: Sequence[float], **options: str) -> Path:
    """Write frames shown at given seconds, H.264 with a time base of a millisecond."""
    height, width = frames[0].shape[:2]
    with av.open(str(path), "w") as container:
        stream = container.add_stream(
            "libx264", rate=30, options={"crf": "18", "preset": "ultrafast", **options}
        )
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        stream.time_base = stream.codec_context.time_base = Fraction(1, 1000)
        for frame, time in zip(frames, times, strict=True):
            image = av.VideoFrame.from_ndarray(np.ascontiguousarray(frame), format="rgb24")
            image.pts, image.time_base = round(time * 1000), Fraction(1, 1000)
            container.mux(stream.encode(image))
        container.mux(stream.encode(None))
    return path


def talking(seconds: float, fps: float) -> tuple[list[np.ndarray], list[float]]:
    """Frames and times of a portrait that moves its mouth once, in the middle."""
    times = (np.arange(round(seconds * fps)) / fps).tolist()
    return [moving_face((time - seconds / 3) / (seconds / 3)) for time in times], times


def sound(path: Path) -> Path:
    """A second of silence without a picture."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("aac", rate=16000)
        for k in range(16):
            frame = av.AudioFrame.from_ndarray(np.zeros((1, 1024), np.float32), format="fltp", layout="mono")
            frame.sample_rate, frame.pts = 16000, 1024 * k
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


def flag_rotation(path: Path) -> Path:
    """Write a clockwise quarter turn into the track header of an mp4 (ISO 14496-12: 9 words from byte 40)."""
    content = bytearray(path.read_bytes())
    at = content.index(b"tkhd") + 4 + 40
    content[at : at + 24] = (np.array([0, 1, 0, -1, 0, 0]) * 65536).astype(">i4").tobytes()
    path.write_bytes(content)
    return path


def damage(path: Path) -> Path:
    """Overwrite a stretch in the middle of the coded frames."""
    content = bytearray(path.read_bytes())
    at = content.index(b"mdat")
    middle = at + (len(content) - at) // 2
    content[middle : middle + 3000] = bytes(np.random.default_rng(0).integers(0, 256, 3000, dtype=np.uint8))
    path.write_bytes(content)
    return path
