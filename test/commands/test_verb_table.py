"""Every verb by itself, and how one is found: without importing the others."""

import importlib
import pkgutil
import subprocess
import sys

import pytest
from command_lines import command_lines

import bridge_ros.commands
from bridge_ros import cli
from bridge_ros.commands.train import STAGES
from bridge_ros.commands.verb_table import VerbTable

SLOW = ("numpy", "torch", "rclpy", "mujoco", "matplotlib", "rich", "yaml")


def paths(table, *before):
    for name, entry in table.verbs.items():
        if isinstance(entry, VerbTable):
            yield from paths(entry, *before, name)
        else:
            yield *before, name


VERBS = [*paths(cli.VERBS)]


def bridge_ros_command(*arguments):
    command = [sys.executable, "-m", "bridge_ros.cli", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def imported_by(program, names):
    program += f"\nimport sys; print([name for name in {names} if name in sys.modules])"
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    return run.stdout.splitlines()[-1]


@pytest.mark.parametrize("path", VERBS, ids=" ".join)
def test_a_verb_s_help_says_what_it_does_and_shows_examples(path, capsys):
    with pytest.raises(SystemExit) as end:
        cli.VERBS.parse([*path, "--help"])
    assert end.value.code == 0
    shown = capsys.readouterr().out
    verb = importlib.import_module(".".join(["bridge_ros.commands", *path]))
    assert verb.DESCRIPTION in shown and verb.EXAMPLES in shown
    assert f"  bridge-ros {' '.join(path)}" in verb.EXAMPLES


@pytest.mark.parametrize("path", VERBS, ids=" ".join)
def test_a_verb_s_examples_are_command_lines_that_it_takes(path):
    verb = importlib.import_module(".".join(["bridge_ros.commands", *path]))
    parsed = [cli.VERBS.parse(line)[0] for line in command_lines(verb.EXAMPLES)]
    assert verb in parsed


@pytest.mark.parametrize("stage", STAGES.verbs)
def test_a_stage_is_a_program_of_its_own_for_accelerate(stage):
    command = [sys.executable, "-m", f"bridge_ros.commands.train.{stage}", "--help"]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    assert f"bridge-ros train {stage}" in run.stdout


@pytest.mark.parametrize("table", [cli.VERBS, STAGES], ids=["verbs", "stages"])
def test_a_table_s_examples_are_command_lines_of_its_own(table):
    lines = [*command_lines(table.examples)]
    assert len(lines) > 3
    for line in lines:
        cli.VERBS.parse(line)


@pytest.mark.parametrize("package", [bridge_ros.commands, bridge_ros.commands.train])
def test_every_module_that_is_a_verb_stands_in_its_table(package):
    table = STAGES if package is bridge_ros.commands.train else cli.VERBS
    modules = [name for _, name, _ in pkgutil.iter_modules(package.__path__)]
    runs = [
        m for m in modules if hasattr(importlib.import_module(f"{package.__name__}.{m}"), "run")
    ]
    assert sorted(runs) == sorted(v for v, e in table.verbs.items() if isinstance(e, str))


def test_the_help_of_all_verbs_imports_nothing_that_is_slow():
    program = "from bridge_ros.cli import VERBS\n"
    program += "for argv in (['--help'], ['train', '--help']):\n"
    program += "    try: VERBS.parse(argv)\n    except SystemExit: pass"
    assert imported_by(program, SLOW) == "[]"


def test_no_verb_s_help_waits_for_a_library_that_only_its_run_needs():
    program = "from bridge_ros.cli import VERBS\n"
    program += f"for path in {VERBS}:\n"
    program += "    try: VERBS.parse([*path, '--help'])\n    except SystemExit: pass"
    assert imported_by(program, ("torch", "rclpy", "mujoco", "matplotlib", "scipy")) == "[]"


@pytest.mark.parametrize(
    "argv, wrong, near",
    [
        (["evla"], "evla", "eval"),
        (["calibrat", "--check"], "calibrat", "calibrate"),
        (["train", "vml"], "vml", "vlm"),
    ],
)
def test_a_verb_that_is_misspelt_is_told_the_nearest_one(argv, wrong, near, capsys):
    with pytest.raises(SystemExit) as end:
        cli.VERBS.parse(argv)
    assert end.value.code == 2
    assert f"got {wrong!r}; did you mean {near}?" in capsys.readouterr().err


def test_a_word_that_is_near_no_verb_gets_the_names_of_them(capsys):
    with pytest.raises(SystemExit) as end:
        cli.VERBS.parse(["xylophone"])
    assert end.value.code == 2
    told = capsys.readouterr().err
    assert "did you mean" not in told
    assert all(verb in told for verb in cli.VERBS.verbs)


@pytest.mark.parametrize(
    "arguments, code",
    [
        (["--help"], 0),
        ([], 2),
        (["train"], 2),
        (["evla"], 2),
        (["eval", "--trials", "many"], 2),
        (["eval", "--trials", "0"], 1),
    ],
)
def test_the_exit_status_tells_success_failure_and_misuse(arguments, code):
    run = bridge_ros_command(*arguments)
    assert run.returncode == code, run.stderr
    assert "Traceback" not in run.stderr
