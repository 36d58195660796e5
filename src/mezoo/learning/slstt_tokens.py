"""Stage ``slstt_tokens``: a frozen vision transformer looks once at the images of each expression.

Zhang et al., "Short and long range relation based spatio-temporal transformer (SLSTT)", IEEE TAC 13(4), 2022. The
official code trains no block of its transformer, yet runs it in every epoch of every fold. Here an expression is
encoded once: 11 vectors instead of 11 images, and training takes seconds. The images themselves are not stored.

Without the published weights a small transformer stands in. It is random: nothing trained it. It still mixes patches
by their place and colour, in a fixed way, so that what follows has something to learn from; scores with it say
nothing about SLSTT.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from mezoo.artifact import Artifact, ArtifactWriter, digest
from mezoo.catalog_items import read_events
from mezoo.checkpoint import fill, read_checkpoint
from mezoo.errors import ConfigError, DamagedError, DataError
from mezoo.inputs import request
from mezoo.inputs.clip import Clip
from mezoo.interpolate.rife import torch_device
from mezoo.models.layers.vit import LAYOUTS, PIXELS, Pixels, ViT, load_official, normalise_pixels
from mezoo.motion.apex_stage import MissingApex, check_missing_apex
from mezoo.motion.event_flows import EventPairs, write_events
from mezoo.motion.features.flow_hsv import flow_hsv
from mezoo.stage import produce

#: Spread of the positions of the random transformer, which decides how much its tokens tell where something moves.
_POSITION_STD = 1.0
_ADVICE = "Give B_16_imagenet1k.pth as published, or leave it out for the small random substitute"


@dataclass(frozen=True)
class Encoder:
    """A transformer ready for use, and what its tokens must say about it.

    Attributes
    ----------
    network : ViT
        In evaluation mode, without gradients.
    pixels : {'imagenet', 'half'}
        How images are normalised for it.
    provenance : dict
        JSON-able: ``layout``, ``trained`` (False: random), ``weights`` and ``digest`` or ``seed``, ``pixels``.
    """

    network: ViT
    pixels: Pixels
    provenance: dict[str, Any]

    @property
    def images(self) -> str:
        """Name of the input that it reads, ``slstt_images-<side>``."""
        return f"slstt_images-{self.network.layout.size}"


def load_encoder(weights: str | Path | None = None, *, seed: int = 0, pixels: Pixels = "imagenet") -> Encoder:
    """Load the published transformer, or make the small random one.

    Parameters
    ----------
    weights : Path, optional
        ``B_16_imagenet1k.pth`` (ViT-B/16, 384 px). None is `small_encoder`.
    seed : int
        Of the small one.
    pixels : {'imagenet', 'half'}
        ``imagenet`` as in the official code of SLSTT, ``half`` as the published weights were trained.

    Raises
    ------
    ConfigError
        The file is absent or holds something else, or an unknown normalisation.
    """
    if pixels not in PIXELS:
        raise ConfigError(f"pixels {pixels!r}", f"one of {', '.join(PIXELS)}", "Correct the option")
    if weights is None:
        return Encoder(
            small_encoder(seed), pixels, {"layout": "small", "trained": False, "seed": seed, "pixels": pixels}
        )
    path, layout = Path(weights), LAYOUTS["b16_384"]
    with torch.device("meta"):
        network = ViT(layout)
    state = load_official(read_checkpoint(path, what="transformer", advice=_ADVICE), layout)
    fill(network, state, what="ViT-B/16", advice=_ADVICE, file=path)
    known = {"layout": "b16_384", "trained": True, "weights": path.name, "digest": digest(path)}
    return Encoder(network, pixels, known | {"pixels": pixels})


def small_encoder(seed: int = 0) -> ViT:
    """Make a small transformer with random weights: UNTRAINED, the same for the same seed.

    It reads images of 64 px and gives 64 numbers. Deviations from the initialisation of `ViT`: positions are as strong
    as the patches, or else the class token would hardly tell one place from another; and the last normalisation is
    set so that each number has mean 0 and deviation 1 over images of random flow, as nearly all of a random token is
    the same for any image, which an LSTM does not get past. No picture of a face is used.
    """
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        network = ViT(LAYOUTS["small"])
        torch.nn.init.normal_(network.positional_embedding.pos_embedding, std=_POSITION_STD)
    network.eval().requires_grad_(False)
    tokens = network(normalise_pixels(_random_flow_images(network.layout.size, seed), "imagenet"))
    network.norm.weight.div_(tokens.std(0))
    network.norm.bias.sub_(tokens.mean(0) / tokens.std(0))
    return network


def _random_flow_images(size: int, seed: int, n: int = 256) -> Tensor:
    """Images (n, 3, size, size), 0 ... 1, of smooth flow that is strong in a few places."""
    rng = np.random.default_rng(seed)
    coarse = rng.standard_normal((n, 6, 6, 2)).astype(np.float32) ** 3
    fields = (cv2.resize(field, (size, size), interpolation=cv2.INTER_LINEAR) for field in coarse)
    images = np.stack([flow_hsv(field, value="frame") for field in fields])
    return torch.from_numpy(images).permute(0, 3, 1, 2).float() / 255


def class_tokens(images: NDArray[np.uint8], encoder: Encoder, *, batch: int = 11) -> NDArray[np.float32]:
    """Encode the images of expressions, frame by frame.

    Threads are those of torch (`mezoo.motion.set_threads`), the device is the one that the network is on.

    Parameters
    ----------
    images : ndarray, uint8, shape (N, 11, 3, S, S)
        Of the input ``slstt_images-S``; may be mapped into memory, `batch` images are read at a time.
    encoder : Encoder
    batch : int
        Images encoded at once: more take more memory (150 MB for 11 of 384 px) and change nothing but rounding.

    Returns
    -------
    ndarray, float32, shape (N, 11, D)

    Raises
    ------
    ConfigError
        Another type, or images of a size that is not the encoder's.
    """
    if images.dtype != np.uint8 or images.ndim != 5:
        raise ConfigError(
            f"{images.dtype} of shape {images.shape}",
            "uint8 images (N, 11, 3, S, S)",
            f"Give {encoder.images}",
        )
    layout, (n, length) = encoder.network.layout, images.shape[:2]
    device = encoder.network.class_token.device
    flat = images.reshape(n * length, *images.shape[2:])
    tokens = np.zeros((n * length, layout.dim), np.float32)
    with torch.inference_mode():
        for start in range(0, len(flat), batch):
            part = torch.from_numpy(np.array(flat[start : start + batch])).to(device)
            found = encoder.network(normalise_pixels(part.float() / 255, encoder.pixels))
            tokens[start : start + batch] = found.cpu().numpy()
    return tokens.reshape(n, length, layout.dim)


def slstt_tokens_file(
    faces: str | Path,
    labels: str | Path,
    out: str | Path,
    *,
    weights: str | Path | None = None,
    seed: int = 0,
    pixels: Pixels = "imagenet",
    missing_apex: MissingApex = "middle",
    accelerator: str = "auto",
) -> None:
    """Encode all expressions of a video and write an artifact of class tokens.

    Over the E events, in the order of the table, it holds ``tokens`` float32 (E, 11, D), 0 where not ``valid`` bool
    (E), and what ``flow_onset`` holds per event with ``events`` and ``reasons``. The parameters are the provenance of
    the encoder, so that ``trained: false`` is in the lineage of everything made of them.

    Parameters
    ----------
    faces : Path
        Faces artifact.
    labels : Path
        Event table of the video.
    out : Path
        Artifact of tokens, in the folder ``slstt_tokens-<D>``.
    weights, seed, pixels : see `load_encoder`
    missing_apex : {'middle', 'skip', 'spotted'}
        As in the stage ``flow_apex``.
    accelerator : {'auto', 'cpu', 'gpu'}

    Raises
    ------
    ConfigError
        Wrong usage. A `DataError` (no usable event among some) becomes a failed artifact.
    """
    check_missing_apex(missing_apex)
    encoder = load_encoder(weights, seed=seed, pixels=pixels)
    encoder.network.to(torch_device(accelerator))

    def make(writer: ArtifactWriter) -> None:
        with Artifact(faces) as source:
            _write(writer, source, Path(labels), encoder, missing_apex)

    inputs = {"faces": faces, "labels": labels}
    # the default is not named, so that files made before there was a choice are still up to date
    told = {"missing_apex": missing_apex} if missing_apex != "middle" else {}
    produce(out, stage="slstt_tokens", params=encoder.provenance | told, inputs=inputs, make=make)


def _write(
    writer: ArtifactWriter, faces: Artifact, labels: Path, encoder: Encoder, missing_apex: MissingApex
) -> None:
    shape = (11, encoder.network.layout.dim)
    stream = writer.stream("tokens", shape=shape, dtype="float32", axes="(E, frame, number)")
    found = []
    for event in read_events(labels):
        clip = Clip(event, {"faces": faces}, missing_apex)
        try:
            images = request(encoder.images).make(clip)
        except DamagedError:
            raise
        except DataError as error:
            found.append(EventPairs(event, reason=error.found))
            stream.append(np.zeros(shape))
            continue
        found.append(EventPairs(event, clip.onset, [clip.apex]))
        stream.append(class_tokens(images[None], encoder)[0])
    usable = np.array([not item.reason for item in found], bool)
    write_events(writer, faces, found, usable)
    writer.write("valid", usable, axes="(E)")
