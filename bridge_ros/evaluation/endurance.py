"""A simulated deployment that is given a sentence every minute.

Does what works at first still work after an hour, and does anything grow meanwhile?
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import cycle
from pathlib import Path
from typing import Any

import numpy as np

from bridge_ros.demo import CONTROL_PERIOD_S, READY_TIMEOUT_S, judge_held
from bridge_ros.deployment import Deployment
from bridge_ros.errors import BridgeError
from bridge_ros.evaluation.process_figures import ProcessFigures
from bridge_ros.evaluation.timing import StreamTiming
from bridge_ros.ros import topics
from bridge_ros.ros.operator import Operator, Outcome
from bridge_ros.sim.scenes import make_scene
from bridge_ros.supervisor import Supervisor

SENTENCES = (
    "put the red cube on the blue cube",
    "put the red cube next to the blue cube",
    "put the toy next to the basket",
    "put the green cube on the red cube",
    "put the green cube next to the red cube",
)
"""Given again and again: each leaves the table so that the next one can be done."""
PERIOD_S = 60.0
_EDGE = 10
"""As many sentences, of those in which the arm moved, are the beginning and the end."""


@dataclass(frozen=True, kw_only=True)
class Turn:
    """One sentence, and the deployment as it was afterwards.

    Attributes:
        at_s: since the first one.
        sentence: as given.
        success: by the simulator's truth.
        judged: what that truth is, for people.
        message: what the system said at the end.
        seconds: from the sentence to that.
        person: what a person had to do afterwards: services that were called.
        timing: of the targets.
        processes: memory and handles of every node's process, by name.
    """

    at_s: float
    sentence: str
    success: bool
    judged: str
    message: str
    seconds: float
    person: tuple[str, ...]
    timing: StreamTiming
    processes: Mapping[str, ProcessFigures]

    def __str__(self) -> str:
        verdict = "done" if self.success else f"FAILED, {self.judged}; said: {self.message}"
        return f"{self.sentence}: {verdict} ({self.seconds:.0f} s)"


def run_endurance(
    deployment: Deployment,
    minutes: int,
    *,
    logs: Path,
    on_event: Callable[[str], None],
    period_s: float = PERIOD_S,
) -> Iterator[Turn]:
    """Start it, give as many sentences, one every `period_s`, and tell of each as it ends.

    Args:
        on_event: told in one line what happens.

    Raises:
        BridgeError: when the deployment does not come up.
    """
    supervisor = Supervisor(deployment.nodes(), log_dir=logs, on_event=on_event)
    things = make_scene(deployment.scene, deployment.seed).objects
    with supervisor, Operator(record=True) as operator:
        operator.wait_ready(READY_TIMEOUT_S, supervisor.broken)
        started_s = time.monotonic()
        for number, sentence in zip(range(minutes), cycle(SENTENCES), strict=False):
            _wait_until(started_s + number * period_s)
            said_s, before = time.monotonic(), operator.objects()
            operator.forget()
            try:
                outcome = operator.execute(sentence, period_s)
            except BridgeError as error:
                outcome = Outcome(success=False, outcome="failed", message=str(error))
            seconds = time.monotonic() - said_s
            verdict = judge_held(sentence, things, before, operator.objects)
            yield Turn(
                at_s=said_s - started_s,
                sentence=sentence,
                success=verdict.success,
                judged=verdict.message,
                message=outcome.message,
                seconds=seconds,
                person=() if outcome.success else _put_right(operator),
                timing=StreamTiming.of(
                    operator.recording.target_times_s, period_s=CONTROL_PERIOD_S
                ),
                processes={
                    spec.name: ProcessFigures.of(supervisor.pid(spec.name))
                    for spec in deployment.nodes()
                },
            )


def _wait_until(due_s: float) -> None:
    time.sleep(max(0.0, due_s - time.monotonic()))


def _put_right(operator: Operator) -> tuple[str, ...]:
    """What a person would do after a failure; returns it."""
    done: list[str] = []
    status = operator.latest_status("controller")
    if status is not None and status.state in ("fault", "stopped"):
        operator.call(topics.RESUME)
        done.append(topics.RESUME)
        time.sleep(3.0)
    if operator.call(topics.HOME):
        done.append(topics.HOME)
        time.sleep(5.0)
    return tuple(done)


def endurance_report(turns: Sequence[Turn]) -> dict[str, Any]:
    """The figures: success, and what changed between the beginning and the end."""
    moved = [turn for turn in turns if turn.timing.count > 1]
    return {
        "sentences": len(turns),
        "succeeded": sum(turn.success for turn in turns),
        "first": _figures(moved[:_EDGE]),
        "last": _figures(moved[-_EDGE:]),
        "turns": [asdict(turn) for turn in turns],
    }


def _figures(turns: Sequence[Turn]) -> dict[str, Any]:
    """Means over some sentences."""
    if not turns:
        return {}

    def mean(values: list[float]) -> float:
        return round(float(np.mean(values)), 2)

    return {
        "rate_hz": mean([turn.timing.rate_hz for turn in turns]),
        "period_error_p99_ms": mean([turn.timing.period_error_p99_ms for turn in turns]),
        "longest_gap_ms": mean([turn.timing.longest_gap_ms for turn in turns]),
        "seconds": mean([turn.seconds for turn in turns]),
        "memory_mb": {
            name: mean([turn.processes[name].memory_mb for turn in turns])
            for name in turns[0].processes
        },
        "handles": {
            name: mean([turn.processes[name].handles for turn in turns])
            for name in turns[0].processes
        },
    }
