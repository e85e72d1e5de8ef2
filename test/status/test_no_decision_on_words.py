"""Messages are for people: no code of the package compares one, or looks for words in one."""

import ast
from pathlib import Path

import pytest

import bridge_ros

ROOT = Path(bridge_ros.__file__).parent
_TEXTS = ("message", "outcome_message", "hold_reason")
_SEARCHES = (
    *("startswith", "endswith", "find", "index", "count", "removeprefix", "removesuffix"),
    *("split", "partition", "match", "search", "fullmatch", "findall"),
)


def is_text(node):
    """Whether an expression is a message, or takes one apart."""
    if isinstance(node, ast.Name):
        return node.id in _TEXTS
    return any(isinstance(part, ast.Attribute) and part.attr in _TEXTS for part in ast.walk(node))


def decisions_on_words(source):
    """The lines of a source file on which a message is compared or searched."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Compare):
            words = (ast.In, ast.NotIn, ast.Eq, ast.NotEq)
            asked = any(isinstance(operator, words) for operator in node.ops)
            operands = [node.left, *node.comparators]
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            asked = node.func.attr in _SEARCHES
            operands = [node.func.value, *node.args]
        else:
            continue
        if asked and any(is_text(operand) for operand in operands):
            yield node.lineno


def test_no_code_of_the_package_decides_on_a_message():
    found = {
        f"{file.relative_to(ROOT)}:{line}"
        for file in sorted(ROOT.rglob("*.py"))
        for line in decisions_on_words(file.read_text())
    }
    assert found == set()


@pytest.mark.parametrize(
    "line",
    [
        'x = state != "hold" or message.startswith(NO_TARGET)',
        "x = NODE_ENDED in message and since_s > begun_s",
        "while not snapshot.message.endswith(HOME_REACHED): pass",
        'x = arm.state == "hold" and arm.message.startswith("no tar")',
        "if topics.HOME in self.client.latest(source).message: pass",
        'x = "HTTP 401" in message',
        'x = status.message == "going home"',
        'x = re.search("no target", status.message)',
        "x = (a.state, a.message) != (b.state, b.message)",
    ],
)
def test_a_decision_on_words_is_found(line):
    assert list(decisions_on_words(line)) == [1]


@pytest.mark.parametrize(
    "line",
    [
        "x = status.reason == ControllerReason.HOME_REACHED",
        'x = "finger" not in joint_states.name',
        "if status.message: print(status.message)",
        'x = f"{status.state}: {status.message}".rstrip()',
    ],
)
def test_what_only_tells_a_message_is_no_decision(line):
    assert list(decisions_on_words(line)) == []
