from types import SimpleNamespace

import numpy as np
import pytest

from bridge_ros.geometry.poses import IDENTITY_POSE
from bridge_ros.lab.evaluation.failures import FailureWatch
from bridge_ros.plan import BaseFramePlan, GripperAction
from bridge_ros.planner.vlm.named_things import named_things
from bridge_ros.sim.registry import TASKS, make_task
from bridge_ros.status import TaskState
from bridge_ros.task.executive import TaskExecutive

OBJECTS = ("red cube", "green cube", "purple toy", "basket")


class State:
    """What the watch asks of a scene: its objects, and what the fingers hold."""

    def __init__(self):
        self.objects = [SimpleNamespace(name=name) for name in OBJECTS]
        self.held = None


def stage(*things, action=GripperAction.CLOSE):
    return BaseFramePlan(
        waypoints=np.zeros((2, 3)),
        target_pose=IDENTITY_POSE,
        gripper_action=action,
        approach_width_m=None,
        subgoal="words that say nothing, e.g. grasp the green cube",
        final=False,
        things=things,
    )


def failure(*stages, held=None):
    """What a task that succeeds with these (planned, demonstrated) stages is called."""
    state, executive = State(), TaskExecutive()
    watch = FailureWatch(state, 0.1)
    state.held = held
    for planned, demonstrated in stages:
        watch.planned(planned, demonstrated)
    executive.state = TaskState.SUCCEEDED
    return watch.classify(executive, refused=0)


def place(*things):
    return stage(*things, action=GripperAction.OPEN)


def test_the_right_thing_is_no_mistake_whatever_the_words():
    assert failure((stage("red cube"), stage("red cube"))) == "misplaced"


@pytest.mark.parametrize("things", [("green cube",), ("golden cube",), ()])
def test_another_thing_what_is_not_there_and_nothing_are_wrong_things(things):
    assert failure((stage(*things), stage("red cube"))) == "wrong thing"


def test_what_the_planner_sees_may_have_more_words_than_what_the_scene_calls_it():
    right = place("purple toy", "brown basket"), place("purple toy", "basket")
    assert failure(right, held="purple toy") == "misplaced"
    wrong = place("purple toy", "red cube"), place("purple toy", "basket")
    assert failure(wrong, held="purple toy") == "wrong thing"


def test_once_planned_rightly_the_same_stage_is_not_judged_again():
    wanted = stage("red cube")
    assert failure((stage("red cube"), wanted), (stage("green cube"), wanted)) == "misplaced"
    other = place("red cube", "green cube")
    found = failure((stage("red cube"), wanted), (place("red cube", "basket"), other))
    assert found == "wrong thing"


def test_what_is_no_object_of_the_scene_is_not_judged():
    assert failure((stage(), stage("drawer"))) == "misplaced"
    assert failure((stage("red cube"), stage())) == "misplaced"


def test_while_something_else_is_held_a_plan_about_another_thing_is_not_judged():
    pair = place("red cube"), place("green cube", "table")
    assert failure(pair, held="green cube") == "misplaced"


@pytest.mark.parametrize(
    ("subgoal", "things"),
    [
        ("grasp the red cube", ("red cube",)),
        ("put the purple toy into the basket", ("purple toy", "basket")),
        ("put the violet mug next to the large bin", ("purple cup", "basket")),
        ("Put the red block on the green block.", ("red cube", "green cube")),
        ("put the red cube to place 1 of the row", ("red cube",)),
        ("pull the drawer open", ()),
        ("grasp the thing", ()),
        ("", ()),
    ],
)
def test_of_a_foreign_subgoal_the_things_are_taken_that_the_lexicon_knows(subgoal, things):
    assert named_things(subgoal) == things


@pytest.mark.parametrize("name", TASKS)
def test_what_a_scene_calls_its_objects_is_found_in_a_foreign_subgoal(name):
    for seed in range(3):
        names = [thing.name for thing in make_task(name, 1000 + seed).scene.objects]
        for one, other in zip(names, names[1:], strict=False):
            assert named_things(f"put the {one} on the {other}") == (one, other)
