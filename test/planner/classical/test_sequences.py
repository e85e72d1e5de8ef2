"""Sentences about several things, carried out on drawn scenes by a hand that never errs."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.spatial.transform import Rotation
from tabletop import Box, camera_pose, cube, render, to_world

from bridge_ros.errors import PlanError
from bridge_ros.plan import GripperAction, PlanLimits, StageRecord, check_plan
from bridge_ros.planner.classical.planner import ClassicalPlanner

CUBES = {
    "red": [cube("red", 0.42, -0.15, side=0.05, yaw=0.3)],
    "green": [cube("green", 0.46, 0.0, side=0.034)],
    "blue": [cube("blue", 0.38, 0.16, side=0.042, yaw=-0.5)],
}


def cup(colour, x, y, *, side, height):
    """Four thin walls on a floor."""
    offset, wall = side / 2 - 0.002, 0.004
    return [
        Box(colour, x, y, (side, side, 0.004)),
        *(Box(colour, x + sign * offset, y, (wall, side, height)) for sign in (-1, 1)),
        *(Box(colour, x, y + sign * offset, (side, wall, height)) for sign in (-1, 1)),
    ]


CUPS = {
    "red": cup("red", 0.45, -0.15, side=0.088, height=0.062),
    "green": cup("green", 0.52, 0.02, side=0.066, height=0.060),
    "blue": cup("blue", 0.42, 0.17, side=0.048, height=0.058),
}


class Hand:
    """Carries out plans on things that consist of boxes, and remembers what it did.

    Args:
        clumsy: how many grasps miss at first.
    """

    def __init__(self, things, clumsy=0):
        self.things = dict(things)
        self.planner = ClassicalPlanner()
        self.subgoals = []
        self._clumsy = clumsy
        self._held = None

    def carry_out(self, sentence, most=14):
        history = ()
        while not (history and history[-1].plan.final and history[-1].outcome != "missed"):
            frame = render([box for thing in self.things.values() for box in thing])
            plan = self.planner.plan(frame.rgb, frame.depth_m, frame.intrinsics, sentence, history)
            plan = check_plan(plan, frame.intrinsics, PlanLimits())
            history = (*history, StageRecord(plan=plan, outcome=self._act(plan)))
            self.subgoals.append(plan.subgoal)
            assert len(history) < most
        return history

    def place(self, name):
        """Middle `(2,)` of a thing."""
        return np.array([self.things[name][0].x, self.things[name][0].y])

    def _act(self, plan):
        end = to_world(plan.waypoints)[-1]
        if plan.gripper_action is GripperAction.CLOSE:
            if self._clumsy:
                self._clumsy -= 1
                return "missed"
            self._held = min(self.things, key=lambda n: np.linalg.norm(self.place(n) - end[:2]))
            assert np.linalg.norm(self.place(self._held) - end[:2]) < 0.008
            return "grasped"
        if plan.gripper_action is GripperAction.OPEN and self._held is not None:
            self._move(self._held, end)
            self._held = None
        return "reached"

    def _move(self, name, end):
        shift = end[:2] - self.place(name)
        inside = any(np.linalg.norm(self.place(n) - end[:2]) < 0.02 for n in self.things)
        self.things[name] = [
            replace(box, x=box.x + shift[0], y=box.y + shift[1], z=0.006 if inside else 0.0)
            for box in self.things[name]
        ]


@pytest.mark.parametrize(
    ("sentence", "order"),
    [
        ("rank the cubes from small to large, from left to right", ["green", "blue", "red"]),
        ("rank the cubes by colour from left to right: blue, red, green", ["blue", "red", "green"]),
    ],
)
def test_cubes_come_to_stand_in_a_row_as_the_camera_sees_it(sentence, order):
    hand = Hand(CUBES)
    hand.carry_out(sentence)
    row = np.array([hand.place(name) for name in order])
    gaps = np.diff(row[:, 1])
    assert (gaps > 0.05).all() and (gaps < 0.12).all(), "the camera's right is the world's +y"
    assert np.ptp(row[:, 0]) < 0.03
    assert len(hand.subgoals) <= 9


def test_fingers_open_across_a_row_not_against_the_neighbours():
    hand = Hand(CUBES)
    history = hand.carry_out("rank the cubes from small to large, from left to right")
    placed = [one.plan for one in history if one.plan.gripper_action is GripperAction.OPEN]
    for plan in placed:
        rotation = camera_pose()[0] @ Rotation.from_quat(plan.target_pose[3:]).as_matrix()
        assert abs(rotation[1, 1]) < 0.1


def test_cups_go_into_each_other_the_larger_one_first():
    hand = Hand(CUPS)
    history = hand.carry_out("stack the cups")
    assert hand.subgoals == [
        "grasp the green cup",
        "put the green cup in the red cup",
        "retreat from the green cup",
        "grasp the blue cup",
        "put the blue cup in the green cup",
        "retreat from the blue cup",
    ]
    assert [record.plan.final for record in history] == [False] * 5 + [True]
    for name in ("green", "blue"):
        assert np.linalg.norm(hand.place(name) - hand.place("red")) < 0.006
    let_go_m = to_world(history[1].plan.waypoints)[-1, 2]
    assert 0.062 + 0.010 < let_go_m < 0.062 + 0.025, "the fingers stay above the outer rim"


def test_a_missed_grasp_is_tried_again_in_the_middle_of_a_sequence():
    hand = Hand(CUPS, clumsy=1)
    hand.carry_out("stack the cups")
    assert hand.subgoals[:3] == [
        "grasp the green cup",
        "back off and look again",
        "grasp the green cup",
    ]
    assert np.linalg.norm(hand.place("blue") - hand.place("red")) < 0.006


def test_a_stack_that_was_pushed_aside_is_found_again():
    hand = Hand(CUPS)
    sentence, history = "stack the cups", ()
    for outcome in ("grasped", "reached", "reached", "grasped", None):
        if len(history) == 3:
            for name in ("red", "green"):
                hand._move(name, np.array([0.55, -0.10]))
            hand.things["red"] = [replace(box, z=0.0) for box in hand.things["red"]]
        frame = render([box for thing in hand.things.values() for box in thing])
        plan = hand.planner.plan(frame.rgb, frame.depth_m, frame.intrinsics, sentence, history)
        if outcome is not None:
            hand._act(plan)
            history = (*history, StageRecord(plan=plan, outcome=outcome))
    assert np.linalg.norm(to_world(plan.waypoints)[-1, :2] - [0.55, -0.10]) < 0.008


@pytest.mark.parametrize(
    ("boxes", "sentence", "said"),
    [
        (CUBES["red"], "stack the cups", "expected two or more cups.*seen: a red cube"),
        (
            [cube("red", 0.45, -0.1), cube("green", 0.45, 0.1)],
            "rank the cubes from small to large",
            "too alike in size",
        ),
        (
            [cube("red", 0.45, -0.04), cube("green", 0.45, 0.04)],
            "rank the cubes from left to right: red, green",
            "in that order already",
        ),
        (CUBES["red"] + CUBES["green"], "rank the cubes: red, pink", 'nothing is "pink"'),
    ],
)
def test_what_cannot_be_done_is_refused_before_anything_moves(boxes, sentence, said):
    frame = render(boxes)
    with pytest.raises(PlanError, match=said):
        ClassicalPlanner().plan(frame.rgb, frame.depth_m, frame.intrinsics, sentence, ())


def test_a_sequence_does_not_begin_in_its_middle():
    frame = render([box for thing in CUPS.values() for box in thing])
    look = frame.rgb, frame.depth_m, frame.intrinsics, "stack the cups"
    history = (StageRecord(plan=ClassicalPlanner().plan(*look, ()), outcome="grasped"),)
    with pytest.raises(PlanError, match="the first look .* is lost"):
        ClassicalPlanner().plan(*look, history)
