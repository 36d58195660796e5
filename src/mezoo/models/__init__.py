"""Published networks, one file per paper, found by name through a registry.

Importing this package does not import torch: the files that hold networks are imported when a model is
listed or created, and the numpy-only companions (targets, graphs, proposals) never need torch.
"""

from mezoo.models.registry import ModelEntry, create, list_models, register

__all__ = ["ModelEntry", "create", "list_models", "register"]
