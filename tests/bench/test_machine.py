"""Facts of the machine, read from the system."""

from __future__ import annotations

import os
from dataclasses import replace

import numpy as np
import pytest

from mezoo.bench import machine as module
from mezoo.bench.machine import machine


def test_facts_of_this_machine():
    facts = machine()
    assert facts.cpu and 1 <= facts.usable_cores <= facts.cores == os.cpu_count()
    assert facts.libraries["numpy"] == np.__version__
    assert facts.memory > 2**28 and all(size >= 2**12 for size in facts.caches.values())


def test_nothing_names_the_host():
    assert os.uname().nodename not in str(machine()).split()


@pytest.mark.parametrize(("load", "warns"), [(0.1, False), (1.5, True)])
def test_busy_machine_is_told(load, warns):
    assert bool(replace(machine(), load=load).warning) == warns


def test_caches_as_linux_tells_them(tmp_path, monkeypatch):
    told = [
        ("1", "Data", "32K"),
        ("1", "Instruction", "64K"),
        ("2", "Unified", "1024K"),
        ("3", "Unified", "32M"),
    ]
    for k, values in enumerate(told):
        (tmp_path / f"index{k}").mkdir()
        for name, value in zip(("level", "type", "size"), values, strict=True):
            (tmp_path / f"index{k}" / name).write_text(value + "\n")
    monkeypatch.setattr(module, "_CACHES", tmp_path)
    assert machine().caches == {"L1d": 2**15, "L2": 2**20, "L3": 2**25}


def test_gpus_as_the_driver_tells_them(tmp_path, monkeypatch):
    tool = tmp_path / "nvidia-smi"
    tool.write_text("#!/bin/sh\necho NVIDIA One\necho NVIDIA Two\n")
    tool.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    assert machine().gpus == ("NVIDIA One", "NVIDIA Two")
    tool.write_text("#!/bin/sh\nexit 9\n")
    assert machine().gpus == ()
