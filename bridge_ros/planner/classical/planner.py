"""The offline planner: grounds a sentence in the RGB-D frame by classical vision, without a model.

It knows the camera frame only. All heights are above the table that it finds in every frame anew.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated

import numpy as np
from numpy.typing import NDArray

from bridge_ros.errors import PlanError
from bridge_ros.geometry.intrinsics import Intrinsics
from bridge_ros.geometry.poses import FloatArray, position_of, rotation_of
from bridge_ros.language import Instruction, Opening, PickPlace, read_instruction
from bridge_ros.plan import GripperAction, StageRecord, WaypointPlan
from bridge_ros.planner.classical.drawer import DrawerSettings, choose_handle_grasp
from bridge_ros.planner.classical.goals import Goal, set_goals
from bridge_ros.planner.classical.grasp import (
    GraspSettings,
    choose_grasp,
    top_down_pose,
    yaw_of_pose,
)
from bridge_ros.planner.classical.placing import (
    Held,
    Placement,
    PlacingSettings,
    choose_placement,
    place_at,
)
from bridge_ros.planner.classical.row import RowSettings
from bridge_ros.planner.classical.steps import Step, goals_reached, last_grasp, next_step
from bridge_ros.planner.grounding.cabinet import Handle, find_handle
from bridge_ros.planner.grounding.grounding_settings import GroundingSettings
from bridge_ros.planner.grounding.scene import SeenScene, see
from bridge_ros.planner.grounding.seen_object import SeenObject
from bridge_ros.planner.grounding.table import Table, load_open3d
from bridge_ros.settings.ranges import Range, check_ranges
from bridge_ros.status import StageOutcome

_DRAWER = ("drawer",)
_OWN_PLACE_M = 0.03
_ACROSS_RAD = np.pi / 2
"""Turn of the wrist with which the fingers open towards the camera, not along a row."""


@dataclass(frozen=True, kw_only=True)
class ClassicalSettings:
    """Settings of the classical planner.

    Attributes:
        approach_m: the straight way down onto a keypoint, and up from it.
        lift_m: how far what is held is lifted, at least.
        travel_clearance_m: between what moves above the table and what stands on it.
    """

    approach_m: Annotated[float, Range(above=0.0, most=0.3)] = 0.06
    lift_m: Annotated[float, Range(above=0.0, most=0.3)] = 0.15
    travel_clearance_m: Annotated[float, Range(above=0.0, most=0.3)] = 0.03
    grounding: GroundingSettings = field(default_factory=GroundingSettings)
    grasp: GraspSettings = field(default_factory=GraspSettings)
    placing: PlacingSettings = field(default_factory=PlacingSettings)
    row: RowSettings = field(default_factory=RowSettings)
    drawer: DrawerSettings = field(default_factory=DrawerSettings)

    def __post_init__(self) -> None:
        check_ranges(self)


@dataclass(frozen=True, kw_only=True)
class _Task:
    """What the first look at a task told, before the arm was in the way.

    Attributes:
        goals: what goes where, one after the other; none where there is a handle to pull.
    """

    sentence: str
    scene: SeenScene
    goals: tuple[Goal, ...] = ()
    handle: Handle | None = None


class ClassicalPlanner:
    """Implements `Planner`. One keypoint a stage: grasp, then lift; or grasp, place, retreat.

    A sentence about several things is a sequence of placements, set when the task begins. It
    remembers what it saw then, for things that the arm hides later.

    Raises:
        ConfigError: if Open3D cannot be imported.
    """

    def __init__(self, settings: ClassicalSettings | None = None) -> None:
        self._settings = settings or ClassicalSettings()
        self._task: _Task | None = None
        load_open3d()

    def plan(
        self,
        rgb: NDArray[np.uint8],
        depth_m: NDArray[np.float32],
        intrinsics: Intrinsics,
        instruction: str,
        history: tuple[StageRecord, ...],
    ) -> WaypointPlan:
        """See `Planner.plan`."""
        wanted = read_instruction(instruction)
        scene = see(rgb, depth_m, intrinsics, self._settings.grounding)
        if not history or self._task is None or self._task.sentence != instruction:
            if history and not isinstance(wanted, PickPlace):
                raise PlanError(f'the first look at "{wanted}" is lost: say it again')
            self._task = self._begin(wanted, instruction, scene)
        task, reached = self._task, goals_reached(history)
        goal = task.goals[min(reached, len(task.goals) - 1)] if task.goals else None
        step = next_step(goal.verb if goal else "pull", history)
        missed = any(record.outcome == StageOutcome.MISSED for record in history[-2:])
        if step is Step.BACK_OFF:
            return self._rise(
                scene, history[-1].plan, "back off and look again", action=GripperAction.OPEN
            )
        if goal is None:
            return self._open(scene, task, step, history)
        if step is Step.GRASP:
            return self._grasp(scene, task, goal, missed)
        last = history[-1].plan
        if step is Step.LIFT:
            name = goal.target.seen.name
            return self._rise(scene, last, f"lift the {name}", things=(name,), final=True)
        if step is Step.PLACE:
            return self._place(scene, task, goal, last_grasp(history))
        placed = task.goals[reached - 1]
        placed.target.put(scene.table.to_table(position_of(last.target_pose))[:2], placed.base_m)
        name = placed.target.seen.name
        final = reached == len(task.goals)
        return self._rise(scene, last, f"retreat from the {name}", things=(name,), final=final)

    def _begin(self, wanted: Instruction, sentence: str, scene: SeenScene) -> _Task:
        if isinstance(wanted, Opening):
            return _Task(sentence=sentence, scene=scene, handle=find_handle(scene))
        goals = set_goals(wanted, scene, self._settings.row)
        return _Task(sentence=sentence, scene=scene, goals=goals)

    def _grasp(self, scene: SeenScene, task: _Task, goal: Goal, missed: bool) -> WaypointPlan:
        target = goal.target.look(scene, disturbed=missed)
        turn_rad = 0.0 if goal.spot is None else _ACROSS_RAD
        grasp = choose_grasp(scene, target, self._settings.grasp, turn_rad=turn_rad)
        if goal.reference is not None:
            # What has no place to go must not be taken in the first place.
            goal.reference.look(scene)
            self._placement(task, goal, _held(grasp.position, grasp.yaw_rad, target))
        above_m = max(grasp.position[2] + self._settings.approach_m, self._clear_m(scene.objects))
        return self._plan(
            scene.table,
            [_at_height(grasp.position, above_m), grasp.position],
            grasp.yaw_rad,
            GripperAction.CLOSE,
            opening_m=grasp.opening_m,
            subgoal=f"grasp the {target.name}",
            things=(target.name,),
        )

    def _place(
        self, scene: SeenScene, task: _Task, goal: Goal, grasped: WaypointPlan
    ) -> WaypointPlan:
        table = scene.table
        start, yaw_rad = _tool(table, grasped)
        held = _held(start, yaw_rad, goal.target.seen)
        if goal.reference is not None:
            goal.reference.look(scene)
        placement = self._placement(task, goal, held)
        obstacles = [
            seen
            for seen in (*scene.objects, *task.scene.objects)
            if np.linalg.norm(seen.footprint.center - start[:2]) > _OWN_PLACE_M
        ]
        travel_m = held.below_m + self._clear_m(obstacles)
        travel_m = max(travel_m, start[2] + self._settings.approach_m)
        down_m = placement.position[2] + self._settings.approach_m
        return self._plan(
            table,
            [
                _at_height(start, travel_m),
                _at_height(placement.position, max(travel_m, down_m)),
                placement.position,
            ],
            placement.yaw_rad,
            GripperAction.OPEN,
            subgoal=f"put the {goal.target.seen.name} {goal.words}",
            things=(goal.target.seen.name, *goal.place),
        )

    def _placement(self, task: _Task, goal: Goal, held: Held) -> Placement:
        settings = self._settings.placing
        if goal.spot is not None:
            return place_at(goal.spot, held, settings)
        assert goal.reference is not None and goal.relation is not None
        return choose_placement(task.scene, goal.reference.seen, goal.relation, held, settings)

    def _open(
        self, scene: SeenScene, task: _Task, step: Step, history: tuple[StageRecord, ...]
    ) -> WaypointPlan:
        """Take the handle, pull, let go."""
        settings, handle = self._settings, task.handle
        assert handle is not None
        if step is Step.GRASP:
            grasp = choose_handle_grasp(handle, settings.drawer, settings.grasp)
            top_m = handle.cabinet_top_m + settings.travel_clearance_m
            above_m = max(grasp.position[2] + settings.approach_m, top_m)
            return self._plan(
                scene.table,
                [_at_height(grasp.position, above_m), grasp.position],
                grasp.yaw_rad,
                GripperAction.CLOSE,
                opening_m=grasp.opening_m,
                subgoal="grasp the drawer's handle",
                things=_DRAWER,
            )
        grasped = last_grasp(history)
        if step is Step.RETREAT:
            # Fingers that open wide would push the drawer shut.
            opening_m = grasped.approach_width_m
            subgoal = "let go of the handle"
            return self._rise(
                scene, history[-1].plan, subgoal, things=_DRAWER, opening_m=opening_m, final=True
            )
        start, yaw_rad = _tool(scene.table, grasped)
        pull = np.array([*handle.normal, 0.0]) * settings.drawer.pull_m
        return self._plan(
            scene.table,
            [start + pull / 2, start + pull],
            yaw_rad,
            GripperAction.KEEP,
            subgoal="pull the drawer open",
            things=_DRAWER,
        )

    def _rise(
        self,
        scene: SeenScene,
        last: WaypointPlan,
        subgoal: str,
        *,
        things: tuple[str, ...] = (),
        action: GripperAction = GripperAction.KEEP,
        opening_m: float | None = None,
        final: bool = False,
    ) -> WaypointPlan:
        """Straight up from where the last stage ended."""
        start, yaw_rad = _tool(scene.table, last)
        up = np.array([0.0, 0.0, 1.0])
        return self._plan(
            scene.table,
            [start + up * self._settings.approach_m, start + up * self._settings.lift_m],
            yaw_rad,
            action,
            opening_m=opening_m,
            subgoal=subgoal,
            things=things,
            final=final,
        )

    def _clear_m(self, objects: list[SeenObject] | tuple[SeenObject, ...]) -> float:
        """Height above everything that stands on the table."""
        return (
            max((seen.top_m for seen in objects), default=0.0) + self._settings.travel_clearance_m
        )

    def _plan(
        self,
        table: Table,
        points: list[FloatArray],
        yaw_rad: float,
        action: GripperAction,
        *,
        subgoal: str,
        things: tuple[str, ...],
        opening_m: float | None = None,
        final: bool = False,
    ) -> WaypointPlan:
        return WaypointPlan(
            waypoints=table.to_camera(np.array(points)),
            target_pose=top_down_pose(table, points[-1], yaw_rad),
            gripper_action=action,
            approach_width_m=opening_m,
            subgoal=subgoal,
            things=things,
            final=final,
        )


def _tool(table: Table, plan: WaypointPlan) -> tuple[FloatArray, float]:
    """Where a stage ended: position `(3,)` and turn of the gripper, table frame."""
    rotation = rotation_of(plan.target_pose).as_matrix()
    return table.to_table(position_of(plan.target_pose)), yaw_of_pose(table, rotation)


def _held(position: FloatArray, yaw_rad: float, target: SeenObject) -> Held:
    """What a grasp at `position` (table frame) holds."""
    return Held(
        below_m=float(position[2]) - target.base_m,
        radius_m=target.footprint.length_m / 2,
        yaw_rad=yaw_rad,
        taken_from=position[:2],
        shape=target.shape,
    )


def _at_height(point: FloatArray, height_m: float) -> FloatArray:
    return np.array([point[0], point[1], height_m])
