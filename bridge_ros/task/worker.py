"""The thread in which a planner thinks, so that nobody else waits for it."""

from __future__ import annotations

import queue
import threading
import traceback
from dataclasses import dataclass

from bridge_ros.camera.frame import RGBDFrame
from bridge_ros.errors import BridgeError
from bridge_ros.plan import PlanLimits, StageRecord, WaypointPlan, check_plan
from bridge_ros.planner import Planner
from bridge_ros.priority import run_in_background
from bridge_ros.status import Cause, TaskReason, cause_of


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


class PlanWorker:
    """Runs `planner` in one daemon thread, one request after the other."""

    def __init__(self, planner: Planner, limits: PlanLimits) -> None:
        self._planner = planner
        self._limits = limits
        self._requests: queue.SimpleQueue[PlanRequest | None] = queue.SimpleQueue()
        self._answers: queue.SimpleQueue[PlanAnswer] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="planner", daemon=True)
        self._thread.start()

    def submit(self, request: PlanRequest) -> None:
        """Hand over a request; returns at once."""
        self._requests.put(request)

    def poll(self) -> PlanAnswer | None:
        """The next answer, if there is one."""
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
            self._answers.put(self._answer(request))

    def _answer(self, request: PlanRequest) -> PlanAnswer:
        frame, otherwise = request.frame, TaskReason.NO_PLAN
        try:
            plan = self._planner.plan(
                frame.rgb, frame.depth_m, frame.intrinsics, request.instruction, request.history
            )
            otherwise = TaskReason.PLAN_UNUSABLE
            return PlanAnswer(
                request=request, plan=check_plan(plan, frame.intrinsics, self._limits)
            )
        except BridgeError as error:
            return PlanAnswer(request=request, plan=None, trouble=cause_of(error, otherwise))
        except Exception as error:
            # A model's library may raise anything; the thread, and with it the node, must survive.
            return PlanAnswer(
                request=request,
                plan=None,
                trouble=TaskReason.PLANNER_BROKE.because(kind=type(error).__name__, why=error),
                details=traceback.format_exc(),
            )
