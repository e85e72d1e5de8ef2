"""The benchmark reports every part that it promises."""

import pytest
import torch

from bridge_ros.lab.bench.expert_bench import bench_expert


@pytest.fixture(autouse=True)
def threads_as_before():
    before = torch.get_num_threads()
    yield
    torch.set_num_threads(before)


def test_it_measures_a_prediction_and_its_parts():
    figures = bench_expert(threads=1, repeats=3)
    for part in ("predict", "crop_and_sample", "encoders", "denoising_step"):
        assert 0 < figures[part]["p50_ms"] <= figures[part]["p99_ms"]
    assert figures["predict"]["p50_ms"] > figures["denoising_step"]["p50_ms"]
    assert figures["device"] == "cpu"
