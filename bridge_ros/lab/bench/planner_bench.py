"""Measures planners: from an image to the plan, and what a model that runs here does meanwhile."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console

from bridge_ros.camera.frame import RGBDFrame
from bridge_ros.errors import PlanError
from bridge_ros.lab.bench.durations import quantiles, summary
from bridge_ros.planner import Planner
from bridge_ros.planner.classical.planner import ClassicalPlanner
from bridge_ros.planner.small_planner import SMALL_PLANNER, small_planner_folder
from bridge_ros.planner.vlm.part_times import PartTimes
from bridge_ros.task.planner_settings import PlannerSettings

if TYPE_CHECKING:
    from bridge_ros.plan import PlanLimits
    from bridge_ros.planner.vlm.chat import ChatModel
    from bridge_ros.planner.vlm.vlm_planner import VlmSettings

SENTENCE = "pick up the red cube"
PARTS = ("preprocess", "prefill", "decode", "parse", "lift")
_SEED = 1000
_MOST_PLANS, _LEAST_PLANS = 20, 3
_ENOUGH_S = 60.0


def bench_planners(model: str | None = None, records: Path | None = None) -> dict[str, Any]:
    """Milliseconds of one look at a rendered scene, for each planner that needs no server.

    Args:
        model: folder of a vision-language model; None takes the small one of `models/`, if it is
            there.
        records: folder of `bridge-ros annotate`, whose held-out records the model plans as well.

    Raises:
        ConfigError: if the model cannot be loaded, or there are no such records.
    """
    from bridge_ros.sim.registry import make_scene
    from bridge_ros.sim.rendering.renderer import RgbdRenderer
    from bridge_ros.sim.world import World

    world = World(make_scene("tabletop", _SEED))
    state = world.new_data().qpos
    with RgbdRenderer(world) as renderer:
        rendering = quantiles(lambda: renderer.render(state, stamp_s=0.0), _MOST_PLANS)
        frame = renderer.render(state, stamp_s=0.0)
    found: dict[str, Any] = {"rendering a frame": rendering}
    found["classical"] = time_plans(ClassicalPlanner(), frame)
    folder = model or (SMALL_PLANNER if small_planner_folder() is not None else None)
    if folder is None:
        found["transformers"] = "not measured: name a model's folder with --model"
    else:
        found["transformers"] = bench_model(folder, frame, records)
    return found


def bench_model(folder: str, frame: RGBDFrame, records: Path | None = None) -> dict[str, Any]:
    """The running planner with a model, which is loaded as `config/planner.yaml` says.

    A plan that the checks refuse has taken its time, too, corrections included: `refused` counts
    them. Its lifting is not part of the figures then.

    Raises:
        ConfigError: if the model cannot be loaded.
    """
    import torch

    from bridge_ros.planner.vlm.transformers_chat import TransformersChat
    from bridge_ros.planner.vlm.vlm_planner import VlmPlanner
    from bridge_ros.settings.config_file import node_settings

    s = node_settings(PlannerSettings, "planner")
    chat = TransformersChat(replace(s.transformers, model=folder))
    planner = VlmPlanner(chat, s.vlm, s.limits)
    figures = time_plans(planner, frame, (chat.times, planner.times))
    reply_tokens = chat.reply_tokens / (figures["plans"] + 1)
    held_out: dict[str, Any] = {}
    if records is not None:
        held_out["held_out"] = _plan_records(chat, records, s.vlm, s.limits)
    return {
        "model": folder,
        **figures,
        **held_out,
        "reply_tokens": round(reply_tokens, 1),
        "parameters_m": round(chat.parameters / 1e6, 2),
        "device": str(chat.device),
        "dtype": str(chat.dtype).removeprefix("torch."),
        "threads": torch.get_num_threads(),
    }


def _plan_records(
    chat: ChatModel, records: Path, vlm: VlmSettings, limits: PlanLimits
) -> dict[str, Any]:
    """Errors of the plans for all of a folder's held-out records."""
    from rich.progress import track

    from bridge_ros.lab.training.vlm.conversations import read_conversations
    from bridge_ros.lab.training.vlm.planner_errors import measure_planner

    conversations = read_conversations(records / "validation.jsonl")
    told = track(conversations, description="planning", console=Console(stderr=True))
    errors = measure_planner(chat, told, vlm, limits)
    return {**errors.figures(), "refusals": list(errors.refusals)}


def time_plans(
    planner: Planner, frame: RGBDFrame, watches: Sequence[PartTimes] = ()
) -> dict[str, Any]:
    """p50 and p99 [ms] of whole plans, and of their parts as stopwatches tell them.

    One plan warms up; twenty are measured, or as many as a minute allows, three at least.
    """
    whole_ms: list[float] = []
    parts_ms: dict[str, list[float]] = {}
    refusals: list[str] = []
    started_s = time.perf_counter()
    for number in range(_MOST_PLANS + 1):
        for watch in watches:
            watch.clear()
        began_s = time.perf_counter()
        refusal = ""
        try:
            planner.plan(frame.rgb, frame.depth_m, frame.intrinsics, SENTENCE, ())
        except PlanError as error:
            refusal = str(error)
        took_ms = 1e3 * (time.perf_counter() - began_s)
        if number == 0:
            continue
        whole_ms.append(took_ms)
        refusals += [refusal] if refusal else []
        for watch in watches:
            for part, part_s in watch.seconds.items():
                parts_ms.setdefault(part, []).append(1e3 * part_s)
        if number >= _LEAST_PLANS and time.perf_counter() - started_s > _ENOUGH_S:
            break
    figures: dict[str, Any] = {"image in, plan out": summary(whole_ms)}
    if watches:
        figures["parts"] = {name: summary(parts_ms[name]) for name in PARTS if name in parts_ms}
    figures |= {"plans": len(whole_ms), "refused": len(refusals)}
    return figures | ({"refused_because": refusals[-1][:200]} if refusals else {})
