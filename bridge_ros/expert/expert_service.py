"""What the expert node does, free of ROS: whom it listens to, what it follows, and what it says."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np
from numpy.typing import NDArray

from bridge_ros.errors import BridgeError
from bridge_ros.expert.configuration import ExpertConfig
from bridge_ros.expert.expert_settings import ExpertSettings
from bridge_ros.expert.loop import ArmObservation, ExpertLoop, Inference, PointSource, Target
from bridge_ros.expert.observation import ActionChunk, Observation
from bridge_ros.expert.stage_order import StageOrder
from bridge_ros.expert.worker import Worker
from bridge_ros.status import (
    Cause,
    ControllerReason,
    ControllerState,
    ExpertReason,
    ExpertState,
    Hindrance,
    cause_of,
    hindrance,
)

if TYPE_CHECKING:
    from bridge_ros.expert.action_expert import ActionExpert

_SAY_EVERY = 10
"""Ticks between two statuses in which nothing but the progress is new."""
_REPORT_PERIOD_S = 1.0
_CLOCKS_AGREE_S = 1.0


class Expert(Protocol):
    """As `ActionExpert`."""

    @property
    def config(self) -> ExpertConfig:
        """See `ActionExpert`."""

    def predict(self, observation: Observation) -> ActionChunk:
        """See `ActionExpert`."""

    def points_seen(self, observation: Observation) -> NDArray[np.float32]:
        """See `ActionExpert`."""


def load_expert(settings: ExpertSettings) -> ActionExpert:
    """The expert of the settings, warmed up.

    Raises:
        ConfigError: if it cannot be loaded, or was trained for another rate.
    """
    import torch

    from bridge_ros.expert.action_expert import ActionExpert

    torch.set_num_threads(settings.threads)
    expert = ActionExpert.from_pretrained(settings.checkpoint, device=settings.device)
    settings.loop.check_serves(expert.config, settings.checkpoint)
    expert.warm_up()
    return expert


@dataclass(frozen=True, kw_only=True)
class ExpertStatus:
    """What is to be said on /bridge/status."""

    state: ExpertState
    cause: Cause[ExpertReason]
    plan_id: str = ""
    stage: int = 0
    progress: float = 0.0


@dataclass(frozen=True, kw_only=True)
class ExpertAnswer:
    """What is to be published after an order or a tick.

    Attributes:
        target: the command of this moment. status: what is new. warning: for the log.
        report: whether it is time for the figures: between two targets, not beside one.
    """

    target: Target | None = None
    status: ExpertStatus | None = None
    warning: str = ""
    report: bool = False


class ExpertService:
    """Follows the newest order with the expert, once all that it acts on was heard.

    Call it from one thread; times are seconds since the epoch.
    """

    def __init__(self, expert: Expert, worker: Worker[Inference], settings: ExpertSettings) -> None:
        self._expert = expert
        self._settings = settings
        self._loop = ExpertLoop(self._predict, worker, settings.loop)
        self._loop.forbidden = ExpertReason.CONTROLLER_UNHEARD.because()
        self._report_every = round(_REPORT_PERIOD_S / settings.loop.period_s)
        self._order = StageOrder()
        self._ready = False
        self._said: tuple[ExpertState, str] | None = None
        self._ticks = 0
        self._trouble = ""
        self._now_s = 0.0
        self._seen: tuple[float, NDArray[np.float32]] | None = None

    def observe_arm(self, arm: ArmObservation) -> None:
        """Take in a measurement of the arm and the gripper."""
        self._loop.observe_arm(arm)

    def observe_cloud(self, stamp_s: float, source: PointSource, now_s: float) -> None:
        """Take in a new cloud; see `ExpertLoop`."""
        self._now_s = now_s
        self._loop.observe_cloud(stamp_s, source, now_s)

    def observe_controller(self, state: str, reason: str, message: str) -> None:
        """Take in the controller's status: it says whether targets are any use."""
        known = ControllerState.read(state)
        willing = (
            known is not None and hindrance(known, ControllerReason.read(reason)) is Hindrance.NONE
        )
        self._loop.forbidden = (
            None if willing else ExpertReason.CONTROLLER_UNWILLING.because(state=state, why=message)
        )

    def take(self, order: StageOrder, now_s: float) -> ExpertAnswer:
        """Follow an order from now on, or say why not."""
        self._now_s = now_s
        age_s = now_s - order.stamp_s
        if order.is_empty:
            if not self._ready:
                return ExpertAnswer()
        elif not -_CLOCKS_AGREE_S <= age_s <= self._settings.max_trajectory_age_s:
            # Latched from before this node started: nobody waits for it any more.
            return ExpertAnswer(warning=f"ignored a trajectory that is {age_s:.1f} s old")
        self._order, self._ready = order, True
        warning = ""
        try:
            if order.unusable is not None:
                raise order.unusable
            if order.motion is None:
                self._loop.stop()
            else:
                self._loop.follow(*order.motion, now_s)
        except BridgeError as error:
            warning = f"trajectory of {order.plan_id!r} not followed: {error}"
            self._loop.drop(cause_of(error, ExpertReason.TRAJECTORY_UNUSABLE))
        return ExpertAnswer(status=self._status(self._loop.cause), warning=warning)

    def tick(self, now_s: float) -> ExpertAnswer:
        """What is due at this moment; to be called once a period."""
        self._now_s = now_s
        self._ticks += 1
        target, warning = None, ""
        try:
            target = self._loop.step(now_s)
            self._trouble = ""
        except BridgeError as error:
            self._trouble = str(error)
            warning = f"no targets: {error}"
        return ExpertAnswer(
            target=target,
            status=self._news() if self._ready else self._look_round(now_s),
            warning=warning,
            report=self._ticks % self._report_every == 0,
        )

    def points(self) -> tuple[float, NDArray[np.float32]] | None:
        """When the expert looked, and what it saw `(N, 3)` in base; each only once."""
        seen, self._seen = self._seen, None
        return seen

    def figures(self) -> dict[str, object]:
        """For /diagnostics."""
        return {
            "level": "warn" if self._trouble else "ok",
            "message": self._trouble or f"{self._loop.state} {self._order.plan_id}".strip(),
            "sees points": self._expert.config.sees_points,
            **self._loop.statistics.summary(),
        }

    def _look_round(self, now_s: float) -> ExpertStatus | None:
        """What is still missing, until everything that it acts on was heard."""
        obstacle = self._loop.obstacle(now_s)
        if obstacle is None:
            self._ready = True
            return self._status(ExpertReason.WAITING_FOR_TRAJECTORY.because())
        if self._ticks % _SAY_EVERY == 1:
            return ExpertStatus(state=ExpertState.STARTING, cause=obstacle)
        return None

    def _news(self) -> ExpertStatus | None:
        changed = self._said != (self._loop.state, self._order.plan_id)
        following = self._loop.state is ExpertState.FOLLOWING
        if changed or (following and self._ticks % _SAY_EVERY == 0):
            return self._status(self._loop.cause)
        return None

    def _status(self, cause: Cause[ExpertReason]) -> ExpertStatus:
        self._said = (self._loop.state, self._order.plan_id)
        return ExpertStatus(
            state=self._loop.state,
            cause=cause,
            plan_id=self._order.plan_id,
            stage=self._order.stage,
            progress=self._loop.progress,
        )

    def _predict(self, observation: Observation) -> ActionChunk:
        """Runs in the worker."""
        chunk = self._expert.predict(observation)
        if self._seen is None and self._settings.points_period_s > 0:
            self._seen = (self._now_s, self._expert.points_seen(observation))
        return chunk
