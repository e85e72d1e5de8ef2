"""Where a planner thinks, so that nobody else waits for it: in a thread, or in simulated time."""

from __future__ import annotations

import queue
import threading
import traceback
from collections import deque
from dataclasses import dataclass
from typing import Protocol

from bridge_ros.camera.frame import RGBDFrame
from bridge_ros.errors import BridgeError
from bridge_ros.plan import PlanLimits, StageRecord, WaypointPlan, check_plan
from bridge_ros.planner import Planner
from bridge_ros.priority import run_in_background
from bridge_ros.status import Cause, TaskReason, cause_of

_ROUNDING_S = 1e-9


@dataclass(frozen=True, kw_only=True)
class PlanRequest:
    """What to plan; `ticket` comes back with the answer, to tell late ones from awaited ones."""

    ticket: str
    frame: RGBDFrame
    instruction: str
    history: tuple[StageRecord, ...]


@dataclass(frozen=True, kw_only=True)
class PlanAnswer:
    """A checked plan, or why there is none; `details` is a traceback where the planner broke."""

    request: PlanRequest
    plan: WaypointPlan | None
    trouble: Cause[TaskReason] | None = None
    details: str = ""


class PlanWorker(Protocol):
    """Where requests go, and where their answers come from, in the order of the requests."""

    def submit(self, request: PlanRequest, now_s: float) -> None:
        """Hand over a request; returns at once."""

    def poll(self, now_s: float) -> PlanAnswer | None:
        """The next answer, if there is one by now."""

    def close(self) -> None:
        """End; safe to call more than once."""


class TimedPlanWorker:
    """Answers when the caller's time has moved on: for evaluation on simulated time, and for tests.

    The planner is called in the `poll` that returns its answer. What it raises that is no
    BridgeError is a bug, and reaches the caller.

    Args:
        thinking_s: from a request to its answer.
    """

    def __init__(self, planner: Planner, limits: PlanLimits, thinking_s: float) -> None:
        self._planner = planner
        self._limits = limits
        self._thinking_s = thinking_s
        self._requests: deque[tuple[float, PlanRequest]] = deque()

    def submit(self, request: PlanRequest, now_s: float) -> None:
        self._requests.append((now_s + self._thinking_s, request))

    def poll(self, now_s: float) -> PlanAnswer | None:
        if not self._requests or now_s < self._requests[0][0] - _ROUNDING_S:
            return None
        _, request = self._requests.popleft()
        return _answer(self._planner, self._limits, request)

    def close(self) -> None:
        self._requests.clear()


class ThreadPlanWorker:
    """Calls the planner in one daemon thread, one request after the other."""

    def __init__(self, planner: Planner, limits: PlanLimits) -> None:
        self._planner = planner
        self._limits = limits
        self._requests: queue.SimpleQueue[PlanRequest | None] = queue.SimpleQueue()
        self._answers: queue.SimpleQueue[PlanAnswer] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="planner", daemon=True)
        self._thread.start()

    def submit(self, request: PlanRequest, now_s: float) -> None:
        self._requests.put(request)

    def poll(self, now_s: float) -> PlanAnswer | None:
        try:
            return self._answers.get_nowait()
        except queue.Empty:
            return None

    def close(self, timeout_s: float = 2.0) -> None:
        """End the thread; a planner that is still thinking is left behind as a daemon."""
        self._requests.put(None)
        self._thread.join(timeout_s)

    def _run(self) -> None:
        run_in_background()
        while (request := self._requests.get()) is not None:
            try:
                answer = _answer(self._planner, self._limits, request)
            except Exception as error:
                # A model's library may raise anything; the thread, and the node, must survive.
                answer = PlanAnswer(
                    request=request,
                    plan=None,
                    trouble=TaskReason.PLANNER_BROKE.because(kind=type(error).__name__, why=error),
                    details=traceback.format_exc(),
                )
            self._answers.put(answer)


def _answer(planner: Planner, limits: PlanLimits, request: PlanRequest) -> PlanAnswer:
    frame, otherwise = request.frame, TaskReason.NO_PLAN
    try:
        plan = planner.plan(
            frame.rgb, frame.depth_m, frame.intrinsics, request.instruction, request.history
        )
        otherwise = TaskReason.PLAN_UNUSABLE
        return PlanAnswer(request=request, plan=check_plan(plan, frame.intrinsics, limits))
    except BridgeError as error:
        return PlanAnswer(request=request, plan=None, trouble=cause_of(error, otherwise))
