"""Runs a simulated deployment, and gives it a sentence every minute."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from itertools import cycle
from pathlib import Path

from bridge_ros.deploy.deployment import Deployment
from bridge_ros.deploy.supervisor import Supervisor
from bridge_ros.errors import BridgeError
from bridge_ros.graph.operator import Operator, Outcome
from bridge_ros.lab.endurance.process_figures import ProcessFigures
from bridge_ros.lab.endurance.sentence_run import SentenceRun
from bridge_ros.lab.evaluation.live_trial import READY_TIMEOUT_S
from bridge_ros.lab.evaluation.timing import StreamTiming
from bridge_ros.ros import topics
from bridge_ros.settings.control_period import CONTROL_PERIOD_S
from bridge_ros.sim.judge import judge_held
from bridge_ros.sim.registry import make_scene
from bridge_ros.status import ControllerReason, Remedy, Source, TaskOutcome, remedy

SENTENCES = (
    "put the red cube on the blue cube",
    "put the red cube next to the purple toy",
    "put the blue cube on the green cube",
    "put the blue cube next to the purple toy",
    "put the green cube on the red cube",
    "put the green cube next to the purple toy",
)
"""Given again and again: each leaves the table so that the next one can be done, however often."""
PERIOD_S = 60.0
_TAKEN_UP_S = 1.0
"""Within this, status tells of what was asked for."""
_AGAIN_TIMEOUT_S = 20.0


def run_endurance(
    deployment: Deployment,
    minutes: int,
    *,
    logs: Path,
    on_event: Callable[[str], None],
    period_s: float = PERIOD_S,
) -> Iterator[SentenceRun]:
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
            person = _make_ready(operator)
            said_s, before = time.monotonic(), operator.objects()
            operator.forget()
            try:
                outcome = operator.execute(sentence, period_s)
            except BridgeError as error:
                outcome = Outcome(success=False, outcome=TaskOutcome.FAILED, message=str(error))
            seconds = time.monotonic() - said_s
            verdict = judge_held(sentence, things, before, operator.objects)
            yield SentenceRun(
                at_s=said_s - started_s,
                sentence=sentence,
                success=outcome.success and verdict.success,
                judged=verdict.message,
                message=outcome.message,
                seconds=seconds,
                person=person,
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


def _make_ready(operator: Operator) -> tuple[str, ...]:
    """Send the arm home, where it hides nothing; returns what a person had to do before that."""
    status = operator.latest_status(Source.CONTROLLER)
    reason = ControllerReason.read(status.reason) if status is not None else None
    stuck = remedy(reason) is Remedy.RESUME
    done: list[str] = []
    # Who does not answer, or does not get ready, is in the next sentence's outcome.
    with suppress(BridgeError):
        for service in (topics.RESUME, topics.HOME) if stuck else (topics.HOME,):
            if operator.call(service):
                done.append(service)
                time.sleep(_TAKEN_UP_S)
                operator.wait_ready(_AGAIN_TIMEOUT_S)
    return tuple(service for service in done if service != topics.HOME)
