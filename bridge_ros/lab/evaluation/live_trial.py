"""One sentence carried out in the simulated cell, and the figures and pictures of it."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from bridge_ros.camera.extrinsics import load_extrinsics
from bridge_ros.demonstration import HandStreams
from bridge_ros.deploy.deployment import Deployment
from bridge_ros.deploy.supervisor import Supervisor
from bridge_ros.errors import BridgeError
from bridge_ros.geometry.poses import invert, position_of, transform_points
from bridge_ros.graph.operator import Operator, Outcome, Recording
from bridge_ros.lab.evaluation.motion_plot import draw_motion
from bridge_ros.lab.evaluation.processor_time import ProcessorTime
from bridge_ros.lab.evaluation.storyboard import Panel, draw_storyboard
from bridge_ros.lab.evaluation.timing import StreamTiming
from bridge_ros.ros.conversions import plan_from_msg, pose_from_msg, stamp_to_s
from bridge_ros.settings.control_period import CONTROL_PERIOD_S
from bridge_ros.sim.judge import judge_held
from bridge_ros.sim.registry import make_scene
from bridge_ros.status import ExpertState, Source, TaskOutcome

READY_TIMEOUT_S = 90.0
TASK_TIMEOUT_S = 150.0
_MAX_PANELS = 9


def run_demo(
    sentence: str,
    deployment: Deployment,
    out: Path,
    *,
    on_event: Callable[[str], None],
    on_status: Callable[[Any], None],
) -> dict[str, Any]:
    """Start the simulated deployment, carry out one sentence, judge it, and report in `out`.

    Args:
        on_event: told in one line what happens. on_status: gets every TaskStatus.

    Returns:
        The summary that is also in `out/summary.json`.

    Raises:
        BridgeError: when the deployment does not come up.
    """
    out.mkdir(parents=True, exist_ok=True)
    started_s = time.monotonic()
    supervisor = Supervisor(deployment.nodes(), log_dir=out / "logs", on_event=on_event)
    with supervisor, Operator(record=True) as operator:
        operator.on_status = on_status
        on_event("starting the simulated cell and the nodes")
        operator.wait_ready(READY_TIMEOUT_S, supervisor.broken)
        ready_s = time.monotonic() - started_s
        on_event(f"ready after {ready_s:.1f} s: “{sentence}”")
        before = operator.objects()
        task_started_s, processors = time.monotonic(), ProcessorTime.now()
        try:
            outcome = operator.execute(sentence, TASK_TIMEOUT_S)
        except BridgeError as error:
            outcome = Outcome(success=False, outcome=TaskOutcome.FAILED, message=str(error))
        task_s = time.monotonic() - task_started_s
        processor_shares = ProcessorTime.now().shares_since(processors)
        things = make_scene(deployment.scene, deployment.seed).objects
        verdict = judge_held(sentence, things, before, operator.objects)
        time.sleep(1.1)
    recording = operator.recording
    summary = {
        "sentence": sentence,
        "scene": deployment.scene,
        "seed": deployment.seed,
        "success": verdict.success,
        "judged": verdict.message,
        "outcome": outcome.outcome,
        "message": outcome.message,
        "stages": _stages(recording),
        "seconds_to_ready": round(ready_s, 1),
        "seconds": round(task_s, 1),
        "processor_time": processor_shares,
        **_figures(recording),
    }
    (out / "summary.json").write_text(json.dumps(summary, indent=2) + "\n")
    _draw(recording, summary, out)
    return summary


def _stages(recording: Recording) -> list[dict[str, Any]]:
    """What each plan was and how it ended."""
    ends = {
        status.plan_id: state.outcome
        for status in recording.status
        if status.source == Source.EXPERT
        and (state := ExpertState.read(status.state)) is not None
        and state.outcome is not None
    }
    return [
        {
            "stage": plan.stage,
            "subgoal": plan.subgoal,
            "result": ends.get(plan.plan_id, "unfinished"),
        }
        for plan in recording.plans
        if plan.waypoints
    ]


def _figures(recording: Recording) -> dict[str, Any]:
    """Rates and latencies: targets by their own stamps, the rest as the nodes report it."""
    timing = StreamTiming.of(recording.target_times_s, period_s=CONTROL_PERIOD_S)
    expert = recording.diagnostics.get("expert", {})
    controller = recording.diagnostics.get("controller", {})
    steps = np.diff(position_of(np.array(recording.target_poses).reshape(-1, 7)), axis=0)
    return {
        "targets_published": timing.count,
        "rate_hz": round(timing.rate_hz, 3),
        "period_error_p50_ms": round(timing.period_error_p50_ms, 2),
        "period_error_p99_ms": round(timing.period_error_p99_ms, 2),
        "longest_gap_ms": round(timing.longest_gap_ms, 1),
        "largest_target_step_mm": round(
            float(np.linalg.norm(steps, axis=1).max(initial=0)) * 1e3, 1
        ),
        "targets_refused": _number(controller.get("targets refused")),
        "camera_to_target_p50_ms": _number(expert.get("camera_to_target_p50_ms")),
        "camera_to_target_p99_ms": _number(expert.get("camera_to_target_p99_ms")),
        "nodes": recording.diagnostics,
    }


def _number(text: str | None) -> float | None:
    return None if text in (None, "") else float(text)


def _draw(recording: Recording, summary: dict[str, Any], out: Path) -> None:
    verdict = "success" if summary["success"] else "failure"
    title = f"“{summary['sentence']}” (seed {summary['seed']}): {verdict}\n{summary['judged']}"
    marks = [
        (stamp_to_s(message.header.stamp), _subgoal(recording, message.plan_id))
        for message in recording.trajectories
        if message.poses
    ]
    commanded = HandStreams(
        times_s=np.array(recording.target_times_s),
        poses=np.array(recording.target_poses).reshape(-1, 7),
        width_times_s=np.array([t for t, _ in recording.target_widths]),
        widths_m=np.array([w for _, w in recording.target_widths]),
    )
    measured = HandStreams(
        times_s=np.array(recording.measured_times_s),
        poses=np.array(recording.measured_poses).reshape(-1, 7),
        width_times_s=np.array([t for t, _ in recording.widths]),
        widths_m=np.array([w for _, w in recording.widths]),
    )
    draw_motion(commanded, measured, marks, out / "motion.png", title=title)
    if recording.intrinsics is not None and recording.pictures:
        panels = _panels(recording, measured)
        draw_storyboard(panels, recording.intrinsics, out / "storyboard.png", title=title)


def _panels(recording: Recording, measured: HandStreams) -> list[Panel]:
    """For each stage the image it was planned from and the one at its end, then the last."""
    camera_from_base = invert(load_extrinsics("config/extrinsics/sim.yaml").base_from_optical)
    panels: list[Panel] = []
    pictures = recording.pictures
    times = [stamp_to_s(t.header.stamp) for t in recording.trajectories] + [pictures[-1][0]]
    for message in recording.plans:
        plan = plan_from_msg(message)
        if plan is None:
            continue
        image = _picture_near(recording, stamp_to_s(message.header.stamp))
        index = next(
            (
                i
                for i, trajectory in enumerate(recording.trajectories)
                if trajectory.plan_id == message.plan_id and trajectory.poses
            ),
            None,
        )
        path = motion = np.zeros((0, 3))
        end_s = None
        if index is not None:
            poses = np.array([pose_from_msg(pose) for pose in recording.trajectories[index].poses])
            path = transform_points(camera_from_base, position_of(poses))
            end_s = times[index + 1]
            during = (measured.times_s >= times[index]) & (measured.times_s <= end_s)
            motion = transform_points(camera_from_base, position_of(measured.poses[during]))
        panels.append(
            Panel(
                image=image,
                title=f"stage {message.stage + 1}: {message.subgoal}",
                waypoints=plan.waypoints,
                path=path,
                target_pose=plan.target_pose,
            )
        )
        if end_s is not None:
            panels.append(
                Panel(
                    image=_picture_near(recording, end_s),
                    title=f"after “{message.subgoal}”",
                    motion=motion,
                )
            )
    if len(panels) >= _MAX_PANELS:
        # Of a long task the plans are shown, and the end.
        panels = [panel for panel in panels if len(panel.waypoints)][: _MAX_PANELS - 1]
    return [*panels, Panel(image=pictures[-1][1], title="at the end")]


def _picture_near(recording: Recording, stamp_s: float) -> Any:
    return min(recording.pictures, key=lambda picture: abs(picture[0] - stamp_s))[1]


def _subgoal(recording: Recording, plan_id: str) -> str:
    return next((plan.subgoal for plan in recording.plans if plan.plan_id == plan_id), "")
