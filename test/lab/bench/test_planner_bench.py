import sys
from pathlib import Path

import numpy as np
import pytest

from bridge_ros.camera.frame import RGBDFrame
from bridge_ros.errors import PlanError
from bridge_ros.lab.bench import planner_bench
from bridge_ros.planner.vlm.part_times import PartTimes
from bridge_ros.planner.vlm.vlm_planner import VlmPlanner

sys.path.append(str(Path(__file__).resolve().parents[2] / "planner" / "vlm"))

from table_scene import DEPTH, GOOD, INTRINSICS, RGB, ScriptedModel  # noqa: E402

FRAME = RGBDFrame(rgb=RGB, depth_m=DEPTH, intrinsics=INTRINSICS, stamp_s=0.0)


class Circling(ScriptedModel):
    """Says both lines of its script again and again."""

    def reply(self, seen, turns, schema):
        self._script.append(self._script[0])
        return super().reply(seen, turns, schema)


def test_the_parts_are_those_of_the_running_planner():
    planner = VlmPlanner(Circling(GOOD))
    figures = planner_bench.time_plans(planner, FRAME, (planner.times,))
    assert (figures["plans"], figures["refused"]) == (20, 0)
    assert list(figures["parts"]) == ["parse", "lift"]
    parts_ms = sum(part["p50_ms"] for part in figures["parts"].values())
    assert 0.0 < parts_ms < figures["image in, plan out"]["p99_ms"]


def test_a_refused_plan_is_measured_and_counted():
    class Lost:
        def plan(self, *_):
            raise PlanError("no cube in sight")

    figures = planner_bench.time_plans(Lost(), FRAME)
    assert (figures["plans"], figures["refused"]) == (20, 20)
    assert figures["refused_because"] == "no cube in sight"


def test_a_slow_planner_is_measured_less_often(monkeypatch):
    monkeypatch.setattr(planner_bench, "_ENOUGH_S", 0.0)
    planner = VlmPlanner(Circling(GOOD))
    assert planner_bench.time_plans(planner, FRAME)["plans"] == 3


def test_a_model_is_measured_in_all_its_parts(tmp_path, monkeypatch):
    pytest.importorskip("transformers")
    monkeypatch.setattr(planner_bench, "_ENOUGH_S", 0.0)
    import tiny_models

    figures = planner_bench.bench_model(tiny_models.llava(tmp_path), FRAME)
    # Untrained: whether it ever says something that could be lifted is a matter of rounding.
    assert list(figures["parts"])[:4] == ["preprocess", "prefill", "decode", "parse"]
    assert figures["refused"] == figures["plans"]
    assert figures["reply_tokens"] > 2
    assert figures["parts"]["decode"]["p50_ms"] > figures["parts"]["parse"]["p50_ms"]


def test_parts_add_up_until_they_are_cleared():
    times = PartTimes()
    times.add("decode", 0.25)
    times.add("decode", 0.5)
    with pytest.raises(ValueError), times.part("parse"):
        raise ValueError
    assert times.seconds["decode"] == 0.75 and np.isfinite(times.seconds["parse"])
    times.clear()
    assert times.seconds == {}
