"""Interpolation: clips brought to a given length, frames at times between frames.

Importing this package does not import torch; only the method ``rife`` does, when it is used.
"""

from mezoo.interpolate.clips import even_positions
from mezoo.interpolate.registry import INTERPOLATORS, Interpolator, get_interpolator
from mezoo.interpolate.schedule import slstt_schedule

__all__ = ["INTERPOLATORS", "Interpolator", "even_positions", "get_interpolator", "slstt_schedule"]
