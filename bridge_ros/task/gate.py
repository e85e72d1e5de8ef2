"""The gate between a plan and motion: a person's approval, and a second look at an old scene."""

from __future__ import annotations

from typing import Literal

from bridge_ros.camera.frame import RGBDFrame
from bridge_ros.errors import PlanError
from bridge_ros.plan import WaypointPlan
from bridge_ros.task.scene_check import check_unmoved
from bridge_ros.task.worker import PlanAnswer


class PlanGate:
    """Holds one plan back until it may be carried out.

    Attributes:
        answer: the plan at the gate; None while there is none.
        look_after_s: a frame taken earlier does not show how the scene is now.
    """

    def __init__(self, *, require_approval: bool, max_plan_age_s: float) -> None:
        self._require_approval = require_approval
        self._max_plan_age_s = max_plan_age_s
        self.answer: PlanAnswer | None = None
        self.look_after_s = 0.0
        self._approved = self._seen = False

    @property
    def waits_for(self) -> Literal["plan", "approval", "frame", "nothing"]:
        """What is missing; nothing: the plan may be taken."""
        if self.answer is None:
            return "plan"
        if not self._approved:
            return "approval"
        return "nothing" if self._seen else "frame"

    def offer(self, answer: PlanAnswer, now_s: float) -> None:
        """Bring a plan to the gate; one that is there already is dropped."""
        age_s = now_s - answer.request.frame.stamp_s
        self.answer = answer
        self._approved = not self._require_approval
        self._seen = self._approved and age_s <= self._max_plan_age_s
        self.look_after_s = now_s

    def approve(self, now_s: float) -> WaypointPlan:
        """Let the plan pass once the scene is seen to be as it was; returns it.

        Raises:
            PlanError: if no plan waits for approval.
        """
        if self.answer is None or self.answer.plan is None or self.waits_for != "approval":
            raise PlanError("no plan waits for approval")
        self._approved = True
        self.look_after_s = now_s
        return self.answer.plan

    def look(self, frame: RGBDFrame) -> None:
        """Compare the scene with that of the plan. Raises PlanError if it changed."""
        if self.answer is not None and self.answer.plan is not None:
            check_unmoved(self.answer.plan, self.answer.request.frame, frame)
            self._seen = True

    def drop(self) -> PlanAnswer | None:
        """What was at the gate; it is empty then."""
        answer, self.answer = self.answer, None
        return answer
