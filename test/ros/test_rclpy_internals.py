"""What a new rclpy would break: each private part that is used, and what depends on it."""

import ast
import inspect
from pathlib import Path

import pytest
import rclpy
from rclpy.executors import SingleThreadedExecutor
from rclpy.lifecycle import LifecycleNode
from rclpy.waitable import NumberOfEntities
from std_msgs.msg import String

import bridge_ros
from bridge_ros.ros import rclpy_internals

ROOT = Path(bridge_ros.__file__).parent
HOME = Path(rclpy_internals.__file__)
WAITING = "ros/wait_set.py waits with it for all that a node has: no node runs without it"
WAKING = "ros/executor.py notices by it what was created or destroyed, and that rclpy shuts down"
ACTIONS = "ros/executor.py goes on by it with the goals of /bridge/execute"
RARE = "ros/executor.py leaves services, clients, actions and events to it"
MESSAGES = "ros/rclpy_internals.py takes every message by it"
TIMERS = "ros/rclpy_internals.py runs every timer by it"
PARTS = [
    ("node", "_parameter_overrides", "ros/parameters.py refuses unknown parameters by it"),
    ("executor", "_guard", WAKING),
    ("executor", "_sigint_gc", WAKING),
    ("executor", "_tasks", ACTIONS),
    ("executor", "_tasks_lock", ACTIONS),
    ("executor", "_wait_for_ready_callbacks", RARE),
    ("subscription", "handle", WAITING),
    ("subscription", "raw", MESSAGES),
    ("subscription.handle", "take_message", MESSAGES),
    ("subscription.handle", "pointer", WAITING),
    ("timer.handle", "is_timer_ready", TIMERS),
    ("timer.handle", "call_timer", TIMERS),
    ("context.handle", "__enter__", WAITING),
    *(
        ("wait set", name, WAITING)
        for name in (
            "clear_entities",
            "add_timer",
            "add_subscription",
            "add_guard_condition",
            "add_service",
            "add_client",
            "wait",
            "get_ready_entities",
        )
    ),
]


@pytest.fixture(scope="module")
def things():
    rclpy.init()
    node = LifecycleNode("sample")
    executor = SingleThreadedExecutor()
    executor.add_node(node)
    subscription = node.create_subscription(String, "/sample", lambda _: None, 1)
    timer = node.create_timer(1.0, lambda: None)
    yield {
        "node": node,
        "executor": executor,
        "subscription": subscription,
        "subscription.handle": subscription.handle,
        "timer.handle": timer.handle,
        "context.handle": node.context.handle,
        "wait set": rclpy_internals.new_wait_set(NumberOfEntities(1, 1, 1, 1, 1), node.context),
    }
    executor.shutdown()
    node.destroy_node()
    rclpy.shutdown()


@pytest.mark.parametrize(("thing", "name", "why"), PARTS)
def test_rclpy_has_every_private_part_that_is_used(things, thing, name, why):
    version = f"rclpy at {Path(rclpy.__file__).parent}"
    assert hasattr(things[thing], name), f"{version} has no {name} on a {thing} any more: {why}"


def test_tasks_are_kept_as_three_of_which_the_first_is_the_task(things):
    executor = things["executor"]
    executor.create_task(lambda: None)
    (entry,) = executor._tasks
    assert len(entry) == 3 and callable(entry[0]), ACTIONS
    assert len(rclpy_internals.unfinished_tasks(executor)) == 1


def private_uses(tree):
    """Names with one leading underscore that are used of anything but `self` and `cls`."""
    return {
        node.attr
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute)
        and node.attr.startswith("_")
        and not node.attr.startswith("__")
        and not (isinstance(node.value, ast.Name) and node.value.id in ("self", "cls"))
        and not isinstance(node.value, ast.Call)
    }


def own_uses(tree):
    """Names with one leading underscore that are used of `self`."""
    return {
        node.attr
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute)
        and node.attr.startswith("_")
        and not node.attr.startswith("__")
        and isinstance(node.value, ast.Name)
        and node.value.id == "self"
    }


def trees():
    for path in sorted(ROOT.rglob("*.py")):
        source = path.read_text()
        if "rclpy" in source or "BridgeNode" in source:
            yield path, ast.parse(source)


def test_private_parts_are_used_in_one_file_only():
    used = {path.name: names for path, tree in trees() if (names := private_uses(tree))}
    assert used.pop(HOME.name)
    assert not used


def test_no_node_or_executor_uses_or_overwrites_what_rclpy_keeps_in_it(things):
    theirs = {
        kind: {name for name in (*dir(things[kind]), *vars(things[kind])) if name[0] == "_"}
        for kind in ("node", "executor")
    }
    heirs, wrong = [], {}
    for _, tree in trees():
        for heir in (part for part in ast.walk(tree) if isinstance(part, ast.ClassDef)):
            for kind in theirs:
                if any(kind in ast.unparse(base).lower() for base in heir.bases):
                    heirs.append(heir.name)
                    if names := own_uses(heir) & theirs[kind]:
                        wrong[heir.name] = names
    assert {"NodeExecutor", "BridgeNode", "PlannerNode", "TeleopNode"} <= set(heirs)
    assert not wrong


def test_every_part_that_is_used_is_pinned():
    used = private_uses(ast.parse(inspect.getsource(rclpy_internals)))
    assert used == {name for _, name, _ in PARTS if name.startswith("_") and name[1] != "_"}
