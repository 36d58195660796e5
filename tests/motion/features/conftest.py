"""Flow fields that several feature tests read."""

from __future__ import annotations

import numpy as np
import pytest


@pytest.fixture(scope="session")
def oracle(shared):
    """Stored flow with the histograms that the original programs make of it."""
    with np.load(shared / "oracles/flow_features/flow_features.npz") as stored:
        return {name: stored[name] for name in stored.files}


@pytest.fixture(scope="session")
def oracle_flow(oracle):
    return np.stack([oracle["u"], oracle["v"]], axis=-1)


@pytest.fixture(scope="session")
def liu(shared):
    """Stored flow of a schematic face with the MDMO numbers of the definition and of the usual port."""
    with np.load(shared / "oracles/mdmo_liu/mdmo.npz") as stored:
        return {name: stored[name] for name in stored.files}
