"""TV-L1 optical flow of many pairs at once, on any device of torch, with the numerics of `tvl1`.

Zach, Pock, Bischof, "A duality based approach for realtime TV-L1 optical flow", DAGM 2007; see `tvl1` for the
pyramid, the warps and the stop test, and `tvl1_kernel` for the iteration; here its steps run on whole batches.

A pair stops by its own test: from the iteration that meets it, its steps are multiplied by 0, so the host needs
to look only now and then; when it does, the pairs that go on are moved to the front and only they are computed.
A pair's flow thus does not depend on the others of its batch: all arithmetic is pixel by pixel, except the sum
of the squared changes, taken per row and then in double precision, where the order does not matter.

Deviations from `tvl1`: rounding. Coordinates of the warp are exact to 2e-5 px for images up to 500 px
(torch's sampler takes them as shares of the image), whole ones exactly.
"""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import cv2
import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import grid_sample, interpolate, pad

from mezoo.errors import ConfigError
from mezoo.motion.images import MIN_SIDE, check_pair
from mezoo.motion.tvl1 import TVL1Params
from mezoo.motion.tvl1_torch_median import Median

#: A coordinate this many px outside sees border values only.
_REACH = 3
#: Border around the moving image and its gradient: a tap lies at most 2 px beyond a coordinate.
_MARGIN = _REACH + 2
_TINY = 1e-9  # a gradient of zero then gives a step of zero


def pyramid(image: np.ndarray, params: TVL1Params) -> list[np.ndarray]:
    """Levels of an image, float32, the finest first; bilinear and without smoothing, as OpenCV's TV-L1."""
    step = params.scale_step
    levels: list[np.ndarray] = [image.astype(np.float32)]
    while len(levels) < params.n_scales:
        smaller = cv2.resize(levels[-1], None, fx=step, fy=step, interpolation=cv2.INTER_LINEAR)
        if min(smaller.shape) < MIN_SIDE:
            break
        levels.append(smaller)
    return levels


class _Level:
    """Tensors of one pyramid level for up to `capacity` pairs; pairs are the first axis of all."""

    def __init__(
        self,
        capacity: int,
        shape: tuple[int, ...],
        device: torch.device,
        median_size: int,
        finest: _Level | None = None,
    ) -> None:
        def new(*size: int, dtype: torch.dtype = torch.float32) -> Tensor:
            return torch.zeros((capacity, *size), dtype=dtype, device=device)

        height, width = self.shape = (shape[0], shape[1])
        # With a power of two as its size, whole coordinates survive their way into shares and back.
        self.padded_shape = [1 << (n + 2 * _MARGIN - 1).bit_length() for n in self.shape]
        self.reference, self.moving = new(height, width), new(3, *self.padded_shape)
        self.flow = new(2, height, width)
        self.dual = new(2, 2, height, width)  # times theta: component of the flow, direction
        self.slope = new(2, height, width)  # gradient of the warped image
        self.residual = new(height, width)  # residual and its derivatives, over minus the squared slope
        self.residual_slope = new(2, height, width)
        #: All that belongs to a pair, and moves when the pairs are put in another order.
        self.of_pairs = (
            self.reference, self.moving, self.flow, self.dual, self.slope, self.residual, self.residual_slope
        )  # fmt: skip
        self.grid = new(height, width, 2)
        self.length, self.change = new(height, width), new(2, height, width)
        self.gradient = new(2, 2, height, width)  # of the flow; stays 0 in the last column and row
        self.divisor = new(2, height, width)
        self.row_change, self.row_change_wide = new(2, height), new(2, height, dtype=torch.float64)
        self.total_change = new(dtype=torch.float64)
        self.goes_on = new(dtype=torch.bool)
        self.origin = [
            torch.arange(n, device=device) + (_MARGIN + 0.5 - size / 2)
            for n, size in zip(self.shape, self.padded_shape, strict=True)
        ]
        self.median: Median | None = None
        if median_size > 1:
            larger = finest.median if finest else None
            self.median = Median(self.flow.view(-1, height, width), median_size, larger)

    def load(self, references: Tensor, movings: Tensor, nearest: bool) -> None:
        """Set the images, the gradient of the moving ones with its border of 0, and the dual variables."""
        n, (height, width) = len(references), self.shape
        around = pad(movings[:, None], [1] * 4, mode="replicate")[:, 0]
        slopes = (around[:, 1:-1, 2:] - around[:, 1:-1, :-2], around[:, 2:, 1:-1] - around[:, :-2, 1:-1])
        self.moving[:n] = 0
        for plane, slope in zip((1, 2), slopes, strict=True):
            inside = self.moving[:n, plane, _MARGIN : _MARGIN + height, _MARGIN : _MARGIN + width]
            torch.mul(slope, 0.5, out=inside)
        below, right = (size - n_pixels for size, n_pixels in zip(self.padded_shape, self.shape, strict=True))
        border = [_MARGIN, right - _MARGIN, _MARGIN, below - _MARGIN]
        self.moving[:n, 0] = pad(movings[:, None], border, mode="replicate" if nearest else "constant")[:, 0]
        self.reference[:n] = references
        self.dual[:n] = 0

    def linearise(self, n: int) -> None:
        """Warp the moving images by the flow and form what stays fixed during the iterations of this warp."""
        flow, grid = self.flow[:n], self.grid[:n]
        for axis in (0, 1):  # x, y
            origin, size = self.origin[1 - axis], self.padded_shape[1 - axis]
            origin = origin if axis == 0 else origin[:, None]
            coordinate = torch.add(flow[:, axis], origin, out=grid[..., axis])
            first = _MARGIN + 0.5 - size / 2
            coordinate.clamp_(first - _REACH, first + self.shape[1 - axis] - 1 + _REACH).mul_(2 / size)
        warped = grid_sample(self.moving[:n], grid, mode="bicubic", padding_mode="zeros", align_corners=False)
        slope = self.slope[:n].copy_(warped[:, 1:])
        residual = torch.addcmul(warped[:, 0], slope[:, 0], flow[:, 0], value=-1, out=self.residual[:n])
        residual.addcmul_(slope[:, 1], flow[:, 1], value=-1).sub_(self.reference[:n])
        inverse = (slope * slope).sum(1).add_(_TINY).reciprocal_().neg_()
        residual.mul_(inverse)
        torch.mul(slope, inverse[:, None], out=self.residual_slope[:n])


class TVL1Torch:
    """TV-L1 for batches of pairs, keeping its memory while the size of the images stays the same.

    An object serves one thread at a time.

    Parameters
    ----------
    device : {'auto', 'cpu', 'cuda'}
        ``auto`` takes CUDA when torch finds it.
    **params
        See `TVL1Params`.

    Attributes
    ----------
    batch : int
        Pairs that are solved together; `many` splits longer stacks.
    interval : int
        Iterations between two looks at which pairs are finished. Any number gives the same flow; each look
        makes the host wait for the device.

    Raises
    ------
    ConfigError
        A parameter is out of range, or CUDA is asked for and absent.
    """

    def __init__(self, device: str = "auto", **params: Any) -> None:
        self.params = TVL1Params(**params)
        self.device = _device(device)
        on_gpu = self.device.type == "cuda"
        self.batch, self.interval = (32, 8) if on_gpu else (8, 1)
        self._levels: list[_Level] = []
        self._order = np.arange(0)
        self._steps = torch.zeros(0)

    def __call__(self, reference: np.ndarray, moving: np.ndarray) -> np.ndarray:
        """Flow of one pair; see `tvl1.tvl1`."""
        check_pair(reference, moving)
        return self.many(reference[None], moving[None])[0]

    @torch.inference_mode()
    def many(self, references: np.ndarray, movings: np.ndarray) -> np.ndarray:
        """Flow of several pairs of one size.

        Parameters
        ----------
        references, movings : ndarray, uint8, shape (N, H, W)

        Returns
        -------
        ndarray, float32, shape (N, H, W, 2)
            (dx to the right, dy down) in px, at the pixels of the references.
        """
        batches = range(0, len(references), self.batch)
        return np.concatenate(
            [self._solve(references[k : k + self.batch], movings[k : k + self.batch]) for k in batches]
        )

    def _solve(self, references: np.ndarray, movings: np.ndarray) -> np.ndarray:
        n = len(references)
        known: dict[bytes, list[np.ndarray]] = {}  # neighbouring pairs share images
        fixed, moved = ([self._pyramid(image, known) for image in images] for images in (references, movings))
        self._reserve(n, [image.shape for image in fixed[0]])
        self._order = np.arange(n)
        coarser: Tensor | None = None
        for k in range(len(self._levels) - 1, -1, -1):
            level = self._levels[k]
            level.load(self._upload(fixed, k), self._upload(moved, k), self.params.border == "nearest")
            if coarser is None:
                level.flow[:n] = 0
            else:
                larger = interpolate(coarser, size=level.shape, mode="bilinear", align_corners=False)
                torch.mul(larger, 1 / self.params.scale_step, out=level.flow[:n])
            for _ in range(self.params.n_warps):
                level.linearise(n)
                self._iterate(level, n)
            coarser = level.flow[:n]
        assert coarser is not None
        flow = np.empty((n, *level.shape, 2), np.float32)
        flow[self._order] = coarser.permute(0, 2, 3, 1).cpu().numpy()
        return flow

    def _pyramid(self, image: np.ndarray, known: dict[bytes, list[np.ndarray]]) -> list[np.ndarray]:
        key = image.tobytes()
        if key not in known:
            known[key] = pyramid(image, self.params)
        return known[key]

    def _upload(self, pyramids: list[list[np.ndarray]], level: int) -> Tensor:
        return torch.from_numpy(np.stack([pyramids[i][level] for i in self._order])).to(self.device)

    def _reserve(self, n: int, shapes: list[tuple[int, ...]]) -> None:
        if self._levels and self._levels[0].shape == shapes[0] and len(self._levels[0].flow) >= n:
            return
        self._levels = []  # give the memory back first
        for shape in shapes:
            finest = self._levels[0] if self._levels else None
            self._levels.append(_Level(n, shape, self.device, self.params.median_size, finest))
        #: Of each pair: 1, tau and tau/theta while it goes on, then 0.
        self._steps = torch.zeros((3, n), device=self.device)

    def _iterate(self, level: _Level, n: int) -> None:
        """Iterate one warp until all of its `n` pairs have met the stop test or reached the cap."""
        params = self.params
        step = self._bind(level, n)
        for done in range(params.n_outer * params.n_inner):
            if done % params.n_inner == 0 and level.median is not None:
                level.median(2 * n)
            self._step(step)
            if (done + 1) % self.interval == 0 or (done + 1) % params.n_inner == 0:
                active = self._keep_active(level, n)
                if active == 0:
                    return
                if active < n:
                    n, step = active, self._bind(level, active)

    def _bind(self, level: _Level, n: int) -> SimpleNamespace:
        """Make the views of the first `n` pairs that an iteration works on, and let all of them go on."""
        params = self.params
        steps = self._steps[:, :n]
        steps.copy_(steps.new_tensor([[1.0], [params.tau], [params.tau / params.theta]]))
        flow, dual, gradient = level.flow[:n], level.dual[:n], level.gradient[:n]
        change = level.change[:n]
        return SimpleNamespace(
            residual=level.residual[:n], slope=level.slope[:n],
            residual_x=level.residual_slope[:n, 0], residual_y=level.residual_slope[:n, 1],
            bound=params.lambda_ * params.theta,
            stop=params.epsilon * float(np.sqrt(np.prod(level.shape))),
            length=level.length[:n], length_of_both=level.length[:n, None],
            flow=flow, flow_x=flow[:, 0], flow_y=flow[:, 1],
            right=flow[..., 1:], left=flow[..., :-1], lower=flow[..., 1:, :], upper=flow[..., :-1, :],
            dual=dual, dual_x=dual[:, :, 0], dual_y=dual[:, :, 1],
            dual_left=dual[:, :, 0, :, :-1], dual_upper=dual[:, :, 1, :-1],
            change=change, change_right=change[..., 1:], change_lower=change[..., 1:, :],
            rows=level.row_change[:n], rows_wide=level.row_change_wide[:n],
            total=level.total_change[:n], goes_on=level.goes_on[:n],
            gradient=gradient, gradient_x=gradient[:, :, 0], gradient_y=gradient[:, :, 1],
            to_right=gradient[:, :, 0, :, :-1], to_lower=gradient[:, :, 1, :-1],
            divisor=level.divisor[:n], divisor_of_both=level.divisor[:n, :, None],
            one=steps.new_ones(()), steps=steps, active=steps[0].view(n, 1, 1, 1),
            tau=steps[1].view(n, 1, 1, 1, 1), ratio=steps[2].view(n, 1, 1, 1),
        )  # fmt: skip

    @staticmethod
    def _step(v: SimpleNamespace) -> None:
        """One iteration: threshold and divergence, then the dual step, then the stop test (`tvl1_kernel`)."""
        torch.addcmul(v.residual, v.residual_x, v.flow_x, out=v.length)
        v.length.addcmul_(v.residual_y, v.flow_y).clamp_(-v.bound, v.bound)
        torch.addcmul(v.dual_x, v.length_of_both, v.slope, out=v.change)
        v.change_right.sub_(v.dual_left)
        v.change.add_(v.dual_y)
        v.change_lower.sub_(v.dual_upper)
        torch.linalg.vector_norm(v.change, dim=-1, out=v.rows)
        v.flow.addcmul_(v.change, v.active)
        torch.sub(v.right, v.left, out=v.to_right)
        torch.sub(v.lower, v.upper, out=v.to_lower)
        torch.hypot(v.gradient_x, v.gradient_y, out=v.divisor)
        torch.addcmul(v.one, v.divisor, v.ratio, out=v.divisor)
        v.dual.addcmul_(v.gradient, v.tau).div_(v.divisor_of_both)
        torch.linalg.vector_norm(v.rows_wide.copy_(v.rows), dim=(1, 2), out=v.total)
        torch.gt(v.total, v.stop, out=v.goes_on)
        v.steps.mul_(v.goes_on)

    def _keep_active(self, level: _Level, n: int) -> int:
        """Move the pairs that go on to the front of the first `n`; return how many they are."""
        active = np.array(self._steps[0, :n].tolist()) > 0  # waits for the device
        n_active = int(active.sum())
        front = np.flatnonzero(~active[:n_active])
        back = n_active + np.flatnonzero(active[n_active:])
        if len(front):
            places, sources = np.concatenate([front, back]), np.concatenate([back, front])
            to, fro = (torch.from_numpy(k).to(self.device) for k in (places, sources))
            for tensor in level.of_pairs:
                tensor[to] = tensor[fro]
            self._order[places] = self._order[sources]
        return n_active


def _device(name: str) -> torch.device:
    if name not in ("auto", "cpu", "cuda"):
        raise ConfigError(f"device {name!r} of the flow method torch", "auto, cpu or cuda", "Change it")
    present = torch.cuda.is_available()
    if name == "cuda" and not present:
        raise ConfigError(
            "flow on CUDA, but torch finds no CUDA device",
            "a GPU and a build of torch with CUDA",
            "Set accelerator: cpu, or take flow.backend: native, which is faster on a CPU",
        )
    return torch.device("cuda" if present and name != "cpu" else "cpu")
