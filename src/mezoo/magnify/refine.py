"""Finish a flow by Lucas-Kanade steps: motion of a fraction of a pixel without bias, whatever the light does.

Lucas, Kanade, "An iterative image registration technique with an application to stereo vision", IJCAI 1981, in every
pixel, starting from a given flow. Dense methods smooth a small bump away in part, and those that look frames up
with OpenCV's bicubic kernel find too little of a shift below half a pixel (`lookup`); magnification multiplies both.
"""

from __future__ import annotations

import cv2
import numpy as np

from mezoo.magnify.lookup import look_up

#: Standard deviation in px of the local mean, of the local contrast, and grey levels added to the contrast.
_MEAN, _CONTRAST, _FLOOR = 10.0, 20.0, 2.0
#: Grey levels of the flattened frame per unit of local contrast.
_GREY = np.float32(40)
#: Standard deviation in px of the window of the least squares.
_WINDOW = 4.0
#: Share of the mean structure that is added everywhere: where there is no texture the flow stays.
_RIDGE = 0.02
#: For frames without any texture.
_TINY = np.float32(1e-6)
#: Longest step in px along an axis: what is not to be found nearby, as behind an occlusion, is not sought.
_STEP = 1.0


def flatten(grey: np.ndarray) -> np.ndarray:
    """Frame less its local mean, over its local contrast: light and shade hardly change it; uint8 (H, W)."""
    image = grey.astype(np.float32)
    image -= cv2.GaussianBlur(image, (0, 0), _MEAN)
    image /= np.sqrt(cv2.GaussianBlur(image * image, (0, 0), _CONTRAST)) + _FLOOR
    return np.clip(np.rint(128 + _GREY * image), 0, 255).astype(np.uint8)


class Refiner:
    """Lucas-Kanade steps from one reference frame.

    Parameters
    ----------
    reference : ndarray, uint8, shape (H, W)
        From `flatten`, as the frames to which it is compared.
    """

    def __init__(self, reference: np.ndarray) -> None:
        self._reference = reference / _GREY
        self._slope_x = cv2.Scharr(self._reference, cv2.CV_32F, 1, 0, scale=1 / 32)
        self._slope_y = cv2.Scharr(self._reference, cv2.CV_32F, 0, 1, scale=1 / 32)
        xx, yy = _mean(self._slope_x**2), _mean(self._slope_y**2)
        ridge = np.float32(_RIDGE) * (xx + yy).mean() + _TINY
        self._xx, self._xy, self._yy = xx + ridge, _mean(self._slope_x * self._slope_y), yy + ridge
        self._determinant = self._xx * self._yy - self._xy**2

    def __call__(self, flow: np.ndarray, moving: np.ndarray, rounds: int) -> np.ndarray:
        """Improve a flow to a frame.

        Parameters
        ----------
        flow : ndarray, float32, shape (H, W, 2)
            (dx, dy) in px with moving(x + u(x)) = reference(x), nearly.
        moving : ndarray, uint8, shape (H, W)
        rounds : int
            Steps.

        Returns
        -------
        ndarray, float32, shape (H, W, 2)
        """
        target = moving / _GREY
        y, x = np.mgrid[: flow.shape[0], : flow.shape[1]]
        for _ in range(rounds):
            error = look_up(target, x + flow[..., 0], y + flow[..., 1]) - self._reference
            bx, by = _mean(self._slope_x * error), _mean(self._slope_y * error)
            step = np.stack([self._yy * bx - self._xy * by, self._xx * by - self._xy * bx], axis=-1)
            flow = flow - np.clip(step / self._determinant[..., None], -_STEP, _STEP)
        return flow


def _mean(plane: np.ndarray) -> np.ndarray:
    return cv2.GaussianBlur(plane, (0, 0), _WINDOW)
