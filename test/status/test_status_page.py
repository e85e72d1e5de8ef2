import re
import string
from pathlib import Path

import pytest

import bridge_ros.status as room
from bridge_ros.status import (
    CameraReason,
    CameraState,
    ControllerReason,
    ControllerState,
    ExpertReason,
    ExpertState,
    Hindrance,
    NodeReason,
    NodeState,
    Reason,
    Refusal,
    SimReason,
    SimState,
    TaskReason,
    TaskState,
    TrajectoryReason,
    TrajectoryState,
    hindrance,
)

TABLES = {
    "controller": (ControllerState, ControllerReason),
    "planner": (TaskState, TaskReason),
    "trajectory": (TrajectoryState, TrajectoryReason),
    "expert": (ExpertState, ExpertReason),
    "camera": (CameraState, CameraReason),
    "sim": (SimState, SimReason),
    "any node": (NodeState, NodeReason),
    "refused targets": (None, Refusal),
}
EFFECTS = {
    "goes on": Hindrance.NONE,
    "fails if it lasts": Hindrance.PASSING,
    "fails at once if it began in mid-task": Hindrance.LOSS,
    "fails at once": Hindrance.BARRED,
}


def rows(title):
    """The rows of a section's table, each as a dict by the names of its columns."""
    file = Path(__file__).resolve().parents[2] / "docs/status.md"
    section = re.search(rf"^## {title}\n(.*?)(?=^## |\Z)", file.read_text(), re.M | re.S)
    lines = [line for line in section.group(1).splitlines() if line.startswith("|")]
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    return [dict(zip(cells[0], row, strict=True)) for row in cells[2:]]


def quoted(cell):
    return re.findall(r"`([^`]+)`", cell)


def sentence_on_the_page(reason):
    """A reason's sentence with the names of its details alone."""
    parts = string.Formatter().parse(reason.sentence)
    return "".join(text + (f"{{{name}}}" if name else "") for text, name, _, _ in parts)


@pytest.mark.parametrize("title", TABLES)
def test_the_page_has_every_reason_once_and_no_other(title):
    _, reasons = TABLES[title]
    told = [value for row in rows(title) for value in quoted(row["Reason"])]
    assert sorted(told) == sorted(reason.value for reason in reasons)


@pytest.mark.parametrize("title", [title for title, (states, _) in TABLES.items() if states])
def test_the_page_has_every_state_and_no_other(title):
    states, _ = TABLES[title]
    told = {value for row in rows(title) for value in quoted(row["State"])}
    assert told == {state.value for state in states}


@pytest.mark.parametrize("title", TABLES)
def test_the_page_has_each_reason_s_sentence_what_it_means_and_what_to_do(title):
    _, reasons = TABLES[title]
    for row in rows(title):
        reason = reasons(quoted(row["Reason"])[0])
        assert row["Message"] == sentence_on_the_page(reason)
        assert row["What it means"] and row["What a person does"]


def test_the_page_says_what_each_reason_of_the_controller_means_to_a_task():
    for row in rows("controller"):
        (state,), (reason,) = quoted(row["State"]), quoted(row["Reason"])
        found = hindrance(ControllerState(state), ControllerReason(reason))
        assert EFFECTS[row["A task"]] is found, reason


def test_the_page_leaves_no_vocabulary_out():
    kinds = {kind for kind in vars(room).values() if isinstance(kind, type)}
    reasons = {kind for kind in kinds if issubclass(kind, Reason) and kind is not Reason}
    assert reasons == {reasons for _, reasons in TABLES.values()}
