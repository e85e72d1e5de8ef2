"""Several training processes share their gradients; one alone needs nothing for it."""

import os
import subprocess
import sys

import pytest
import torch

from bridge_ros.errors import ConfigError
from bridge_ros.lab.training.processes import Processes

_PROGRAM = """
import pathlib, sys
import torch
from bridge_ros.lab.training.processes import Processes
torch.set_num_threads(1)
everyone = Processes("cpu")
weights = [torch.nn.Parameter(torch.zeros(3)), torch.nn.Parameter(torch.zeros(2, 2))]
for weight in weights:
    weight.grad = torch.full_like(weight, float(everyone.rank + 1))
everyone.average_gradients(weights)
result = everyone.first, [float(w.grad.mean()) for w in weights]
pathlib.Path(sys.argv[1], str(everyone.rank)).write_text(str(result))
"""


def test_alone_it_is_the_first_and_changes_nothing(monkeypatch):
    monkeypatch.delenv("WORLD_SIZE", raising=False)
    alone = Processes("cpu")
    weight = torch.nn.Parameter(torch.zeros(2))
    weight.grad = torch.tensor([1.0, 2.0])
    alone.average_gradients([weight])
    assert alone.first
    assert alone.count == 1
    assert weight.grad.tolist() == [1.0, 2.0]


def test_several_without_accelerate_are_told_what_to_install(monkeypatch):
    monkeypatch.setenv("WORLD_SIZE", "2")
    monkeypatch.setitem(sys.modules, "accelerate", None)
    with pytest.raises(ConfigError, match="accelerate"):
        Processes("cpu")


def test_two_processes_get_the_mean_of_their_gradients(tmp_path):
    pytest.importorskip("accelerate")
    program = tmp_path / "program.py"
    program.write_text(_PROGRAM)
    # What `accelerate launch` starts underneath.
    command = [sys.executable, "-m", "torch.distributed.run", "--nproc_per_node", "2"]
    command += ["--master_port", "29571", str(program), str(tmp_path)]
    paths = [os.getcwd(), *filter(None, sys.path)]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(paths), "OMP_NUM_THREADS": "1"}
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=120, env=environment, check=False
    )
    assert done.returncode == 0, done.stderr[-2000:]
    results = [(tmp_path / rank).read_text() for rank in ("0", "1")]
    assert results == ["(True, [1.5, 1.5])", "(False, [1.5, 1.5])"]
