"""The planner that asks a vision-language model: two steps in one conversation (section 3.1)."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Annotated, Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from bridge_ros.errors import PlanError
from bridge_ros.geometry.intrinsics import Intrinsics
from bridge_ros.geometry.poses import FloatArray, distance_between
from bridge_ros.plan import GripperAction, PlanLimits, StageRecord, WaypointPlan, check_plan
from bridge_ros.planner.vlm.anchor_depth import depth_at
from bridge_ros.planner.vlm.chat import ChatModel, Role, SeenImage, Turn
from bridge_ros.planner.vlm.closer_look import CloserLook
from bridge_ros.planner.vlm.history import tell
from bridge_ros.planner.vlm.part_times import PartTimes
from bridge_ros.planner.vlm.prompts import Prompts
from bridge_ros.planner.vlm.replies import (
    AnchorReply,
    anchor_schema,
    lift,
    parse_anchor,
    parse_waypoints,
    waypoint_schema,
)
from bridge_ros.settings.ranges import Range, check_ranges
from bridge_ros.settings.resources import resource_path

T = TypeVar("T")


@dataclass(frozen=True, kw_only=True)
class VlmSettings:
    """Settings of the conversation with any vision-language model.

    Attributes:
        prompts: the file with the planner's words.
        corrections: how often a model may answer again in each step, told what was wrong.
        grasp_reach_m: how far from the anchor a grasp may be.
    """

    prompts: str = "config/prompts/v1.yaml"
    corrections: Annotated[int, Range(0, 5)] = 1
    grasp_reach_m: Annotated[float, Range(above=0.0, most=1.0)] = 0.08

    def __post_init__(self) -> None:
        check_ranges(self)


class VlmPlanner:
    """Implements `Planner`: asks for a subgoal and its anchor, then for the way there.

    Attributes:
        transcript: all that was said about the last plan, whether it came to one or not. Where the
            model looked closer, its question stands there twice, with either answer.
        anchor: `(2,)` of the last plan in the model's coordinates; None before there is one.
        times: of parse (the replies) and lift (depth, 3D, checks), added up until cleared.
    """

    def __init__(
        self,
        model: ChatModel,
        settings: VlmSettings | None = None,
        limits: PlanLimits | None = None,
    ) -> None:
        self._model = model
        self._settings = settings or VlmSettings()
        self._limits = limits or PlanLimits()
        self._prompts = Prompts.load(resource_path(self._settings.prompts))
        self._turns: tuple[Turn, ...] = ()
        self.transcript: tuple[Turn, ...] = ()
        self.anchor: FloatArray | None = None
        self.times = PartTimes()

    def plan(
        self,
        rgb: NDArray[np.uint8],
        depth_m: NDArray[np.float32],
        intrinsics: Intrinsics,
        instruction: str,
        history: tuple[StageRecord, ...],
    ) -> WaypointPlan:
        """See `Planner.plan`."""
        self._turns = self.transcript = ()
        self.anchor = None
        seen = self._model.look(rgb)
        width, height = seen.pixel_map.extent
        self._say("system", self._prompts.fill("system"))
        asked = self._prompts.fill(
            "anchor",
            instruction=_only_words(instruction),
            history=tell(history),
            width=width,
            height=height,
        )

        def read_anchor(reply: str) -> tuple[AnchorReply, float]:
            with self.times.part("parse"):
                found = parse_anchor(reply)
            with self.times.part("lift"):
                return found, self._anchor_depth(found, seen, depth_m)

        found, anchor_depth_m = self._ask(seen, asked, anchor_schema(), read_anchor)
        if seen.zoom > 1.0:
            found, anchor_depth_m = self._look_closer(seen, asked, found, anchor_depth_m, depth_m)
        self.anchor = found.anchor
        anchor_point = intrinsics.deproject(
            seen.pixel_map.to_pixels(found.anchor), np.float64(anchor_depth_m)
        )
        asked = self._prompts.fill(
            "waypoints",
            u=_plain(found.anchor[0]),
            v=_plain(found.anchor[1]),
            depth=round(1000.0 * anchor_depth_m),
            max_waypoints=self._limits.max_waypoints - 1,
            max_opening=round(1000.0 * self._limits.stroke_m),
        )

        def read_plan(reply: str) -> WaypointPlan:
            with self.times.part("parse"):
                parsed = parse_waypoints(reply, self._limits)
            with self.times.part("lift"):
                plan = lift(parsed, found.subgoal, seen.pixel_map, intrinsics)
                plan = check_plan(plan, intrinsics, self._limits)
                self._check_reach(plan, anchor_point)
            return plan

        return self._ask(seen, asked, waypoint_schema(self._limits), read_plan)

    def _look_closer(
        self,
        seen: SeenImage,
        asked: str,
        found: AnchorReply,
        anchor_depth_m: float,
        depth_m: NDArray[np.float32],
    ) -> tuple[AnchorReply, float]:
        """The same question about what is around the anchor; its answer is what counts.

        If that cannot be used, the first one stays.
        """
        height, width = seen.rgb.shape[:2]
        pixel = seen.pixel_map.to_pixels(found.anchor)
        look = CloserLook.around(pixel, (width, height), seen.zoom)
        picture = self._model.look(look.picture(seen.rgb))
        question = Turn(role="user", text=asked)
        schema = anchor_schema(found.subgoal)
        reply = self._model.reply(picture, (self._turns[0], question), schema)
        told = Turn(role="user", text=f"(a closer look, {seen.zoom:g} times as large)\n{asked}")
        self.transcript = (*self.transcript, told, Turn(role="assistant", text=_whole(reply)))
        try:
            again = parse_anchor(reply)
            _check_inside(again, picture)
            pixel = look.to_image(picture.pixel_map.to_pixels(again.anchor))
            exact = replace(found, anchor=np.rint(seen.pixel_map.from_pixels(pixel)))
            anchor_depth_m = self._anchor_depth(exact, seen, depth_m)
        except PlanError:
            return found, anchor_depth_m
        text = json.dumps({"subgoal": exact.subgoal, "anchor": exact.anchor.astype(int).tolist()})
        self._turns = (*self._turns[:-1], Turn(role="assistant", text=text))
        return exact, anchor_depth_m

    def _ask(
        self, seen: SeenImage, text: str, schema: dict[str, Any], read: Callable[[str], T]
    ) -> T:
        """What `read` makes of the model's reply; the model is told what is wrong with a bad one.

        Raises:
            PlanError: of the last reply.
        """
        self._say("user", text)
        for corrections_left in range(self._settings.corrections, -1, -1):
            reply = self._model.reply(seen, self._turns, schema)
            self._say("assistant", reply)
            try:
                return read(reply)
            except PlanError as error:
                if not corrections_left:
                    raise
                self._say("user", self._prompts.fill("correction", trouble=error))
        raise AssertionError("unreachable")

    def _say(self, role: Role, text: str) -> None:
        turn = Turn(role=role, text=_whole(text))
        self._turns, self.transcript = (*self._turns, turn), (*self.transcript, turn)

    def _anchor_depth(
        self, found: AnchorReply, seen: SeenImage, depth_m: NDArray[np.float32]
    ) -> float:
        _check_inside(found, seen)
        return depth_at(
            depth_m,
            seen.pixel_map.to_pixels(found.anchor),
            min_depth_m=self._limits.min_depth_m,
            max_depth_m=self._limits.max_depth_m,
        )

    def _check_reach(self, plan: WaypointPlan, anchor_point: FloatArray) -> None:
        """A grasp is where the anchor is."""
        if plan.gripper_action is not GripperAction.CLOSE:
            return
        away_m = distance_between(plan.target_pose, anchor_point)
        if away_m > self._settings.grasp_reach_m:
            raise PlanError(
                f"target: expected a grasp within {self._settings.grasp_reach_m:g} m of the "
                f"anchor, got {away_m:.3f} m"
            )


def _check_inside(found: AnchorReply, seen: SeenImage) -> None:
    """Raises PlanError for an anchor outside the image."""
    right, bottom = seen.pixel_map.extent
    u, v = found.anchor
    if not (0 <= u <= right and 0 <= v <= bottom):
        raise PlanError(
            f"anchor: expected 0 to {right} and 0 to {bottom}, got {_plain(u)} and {_plain(v)}"
        )


def _whole(text: str) -> str:
    """The text without half characters, which JSON can smuggle in and nothing can encode."""
    return text.encode("utf-8", errors="replace").decode("utf-8")


def _only_words(instruction: str) -> str:
    """The sentence without what chat templates take for the end of a turn."""
    return " ".join(instruction.split()).replace("<|", "< |")


def _plain(value: float) -> str:
    """A coordinate as a model writes it: a whole number without a point."""
    return f"{value:.1f}".removesuffix(".0")
