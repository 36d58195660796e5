"""Motion magnification: small movements of a clip made larger, by one of several methods."""

from mezoo.magnify.registry import MAGNIFIERS, Magnifier, get_magnifier

__all__ = ["MAGNIFIERS", "Magnifier", "get_magnifier"]
