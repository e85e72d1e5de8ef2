"""A planning loop on virtual time, with a scripted planner, a rendered scene and no thread."""

from dataclasses import replace

import numpy as np
from tabletop import camera_pose, cube, render

from bridge_ros.plan import GripperAction, WaypointPlan
from bridge_ros.status import (
    ControllerReason,
    ControllerState,
    TaskReason,
    TaskState,
)
from bridge_ros.task.events import (
    PlanReleased,
)
from bridge_ros.task.loop import PlanningLoop
from bridge_ros.task.planner_settings import PlannerSettings
from bridge_ros.task.worker import TimedPlanWorker

STEP_S = 0.05
THINKING_S = 0.5
CUBE = (0.5, 0.1)
SCENE = render([cube("red", *CUBE)], seed=1)
MOVED = render([cube("red", CUBE[0] - 0.08, CUBE[1])], seed=2)
BLACK = replace(SCENE, depth_m=np.zeros_like(SCENE.depth_m))
STOPPED = ControllerState.STOPPED, ControllerReason.STOP_REQUESTED, "stopped on request"


class ScriptedPlanner:
    """Grasps the cube, then lifts it; what is in `trouble` it raises."""

    def __init__(self):
        self.trouble = None
        self.asked = []

    def plan(self, rgb, depth_m, intrinsics, instruction, history):
        self.asked.append((instruction, len(history)))
        if self.trouble is not None:
            raise self.trouble
        last = bool(history)
        rotation, eye = camera_pose()
        target = (np.array([*CUBE, 0.02]) - eye) @ rotation
        return WaypointPlan(
            waypoints=np.stack([target - [0.0, 0.05, 0.0], target]),
            target_pose=np.concatenate([target, [0.0, 0.0, 0.0, 1.0]]),
            gripper_action=GripperAction.KEEP if last else GripperAction.CLOSE,
            approach_width_m=None,
            subgoal="lift" if last else "grasp",
            final=last,
        )


class Bench:
    """A loop with a camera and an arm at rest, on a clock of its own that starts at 100 s."""

    def __init__(self, thinking_s=THINKING_S, worker=None, **settings):
        self.planner = ScriptedPlanner()
        self.settings = PlannerSettings(**settings)
        self.loop = PlanningLoop(
            worker or TimedPlanWorker(self.planner, self.settings.limits, thinking_s),
            self.settings,
        )
        self.now_s = 100.0
        self.scene = SCENE
        self.sees = True
        self.built = 0
        self.joint_speed = None
        self.joints = 0.0
        self.events = []

    @property
    def task(self):
        return self.loop.task

    def begin(self, sentence="pick up the red cube", task_id="t"):
        return self._note(self.loop.begin(sentence, task_id, self.now_s))

    def cancel(self):
        return self._note(self.loop.cancel(TaskReason.CANCELED.because(), self.now_s))

    def step(self):
        """One step of the loop, and the time until the next one."""
        if self.joint_speed is not None:
            self.joints += STEP_S * self.joint_speed
            self.loop.observe_joints([self.joints] * 7, self.now_s)
        if self.sees:
            self.loop.observe_frame(self.now_s, self.frame)
        events = self._note(self.loop.step(self.now_s))
        self.now_s += STEP_S
        return events

    def frame(self):
        self.built += 1
        return replace(self.scene, stamp_s=self.now_s)

    def run(self, seconds):
        return [event for _ in range(round(seconds / STEP_S)) for event in self.step()]

    def run_until(self, reached, limit_s=400.0):
        """How long it takes until something is true."""
        began_s = self.now_s
        while not reached():
            assert self.now_s - began_s < limit_s, self.task.message
            self.step()
        return self.now_s - began_s

    def run_to_end(self):
        return self.run_until(lambda: not self.task.active)

    def run_to_plan(self):
        return self.run_until(lambda: self.task.state is TaskState.EXECUTING)

    def end_stage(self, outcome, message=""):
        self.loop.observe_outcome(self.task.plan_id, outcome, message, self.now_s)

    def of(self, kind):
        return [event for event in self.events if isinstance(event, kind)]

    def released(self):
        return [event.plan.subgoal if event.plan else "" for event in self.of(PlanReleased)]

    def _note(self, events):
        self.events += events
        return events
