"""Comparison of a recognition network with every array of its reference numbers."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import torch
from published_weights import relative_error
from torch import Tensor, nn
from torch.nn import functional as F

#: Largest difference relative to the largest number: only the order of sums differs.
ACTIVATION, GRADIENT = 1e-4, 1e-3


class Parity:
    """Compares arrays of a reference and remembers which.

    Parameters
    ----------
    arrays : mapping of str to ndarray
        The reference.
    prefix : str
        Of the names of one block of it.
    """

    def __init__(self, arrays: Mapping[str, np.ndarray], prefix: str = "") -> None:
        self.arrays, self.prefix = arrays, prefix
        self.errors: dict[str, float] = {}

    def same(self, name: str, found: Tensor) -> None:
        """Compare an array that is stored whole."""
        self._note(name, relative_error(found, self.arrays[self.prefix + name]))

    def summary(self, name: str, found: Tensor) -> None:
        """Compare shape, sums and, where stored, the first entries of an array."""
        value = found.detach().double()
        stored = {
            kind: self.arrays[key]
            for kind in ("shape", "sum", "abssum", "head")
            if (key := f"{self.prefix}{name}_{kind}") in self.arrays
        }
        assert list(value.shape) == stored["shape"].tolist(), name
        self.errors[f"{self.prefix}{name}_shape"] = 0.0
        for kind, total in (("sum", value.sum()), ("abssum", value.abs().sum())):
            self._note(f"{name}_{kind}", abs(float(total) - stored[kind]) / stored["abssum"])
        if "head" in stored:
            self._note(f"{name}_head", relative_error(value.flatten()[: stored["head"].size], stored["head"]))

    def network(self, model: nn.Module, inputs: Tensor, official: Mapping[str, str] | None = None) -> None:
        """Compare logits, loss, features and gradients, and a pass in training mode without dropout.

        Parameters
        ----------
        model : nn.Module
            With the reference weights; its running statistics move.
        inputs : Tensor
        official : mapping of str to str, optional
            Our name of each parameter -> the official one, where they differ.
        """
        target = torch.from_numpy(self.arrays["target"])
        model.eval()
        logits, features = model(inputs), model.features(inputs)
        loss = F.cross_entropy(logits, target)
        loss.backward()
        self.same("logits", logits)
        self.same("loss64", loss)
        self.same("features", features)
        self.summary("features_all", features)
        for name, parameter in model.named_parameters():
            self.summary(f"grad_{official[name] if official else name}", parameter.grad)
        model.train()
        for module in model.modules():
            if isinstance(module, nn.Dropout | nn.Dropout2d):
                module.eval()
        logits = model(inputs)
        self.same("train_nodrop_logits", logits)
        self.same("train_nodrop_loss64", F.cross_entropy(logits, target))

    def statistics(self, model: nn.Module) -> None:
        """Compare the running statistics of a network as they are now."""
        for name, value in model.state_dict().items():
            if name.endswith(("running_mean", "running_var")):
                self.same(f"after_{name}", value)

    def left(self) -> set[str]:
        """Names of the arrays of this block that were not compared; seed and targets are no results."""
        ours = {name for name in self.arrays if name.startswith(self.prefix)}
        return ours - set(self.errors) - {"seed", "target"}

    def _note(self, name: str, error: float) -> None:
        tolerance = GRADIENT if name.startswith("grad_") else ACTIVATION
        assert error <= tolerance, f"{self.prefix}{name} is off by {error:.1e}, at most {tolerance:.0e}"
        self.errors[self.prefix + name] = error
