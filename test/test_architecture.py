"""The rules of the design that a test can hold: what may import what, and what names what."""

import ast
import importlib
import pkgutil
import re
import subprocess
import sys
from pathlib import Path

import pytest

try:
    import tomllib
except ModuleNotFoundError:  # Python 3.10; pytest brings it there
    import tomli as tomllib

from bridge_ros.deploy.deployment import Deployment
from bridge_ros.settings.loader import flatten, settings_from

# The checkout, not what is installed: only that has its pyproject.toml and docs.
ROOT = Path(__file__).resolve().parents[1] / "bridge_ros"
# Without ROS and hardware libraries; of the workshop whatever is not a client of the graph.
CORE = [
    "geometry",
    "settings",
    "status",
    "plan",
    "language",
    "camera",
    "perception",
    "hardware",
    "planner",
    "task",
    "trajectory",
    "expert",
    "control",
    "demonstration",
    "sim.stepped",
    "lab.scenes",
    "lab.annotation",
    "lab.training",
]
NOT_IN_CORE = ("rclpy", "bridge_interfaces", "sensor_msgs", "franky", "pyrealsense2", "mujoco")


def rooms_from_the_ground_up():
    pyproject = ROOT.parent / "pyproject.toml"
    floors = tomllib.loads(pyproject.read_text())["tool"]["bridge_ros"]["floors"]
    return [room for floor in floors for room in floor["rooms"]]


def imports_of(source):
    """The bridge_ros modules that a source file names in its imports, wherever they stand."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ImportFrom) and node.module == "bridge_ros":
            yield from (f"bridge_ros.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)


def upward_imports(room, source, order):
    """What a file of that room imports from rooms that stand above it."""
    rooms = [name.split(".")[1] for name in imports_of(source) if name.startswith("bridge_ros.")]
    return [other for other in rooms if order.index(other) > order.index(room)]


def test_every_room_has_its_place():
    there = {path.stem for path in ROOT.iterdir() if path.suffix == ".py" or path.is_dir()}
    order = rooms_from_the_ground_up()
    assert sorted(order) == sorted(there - {"__init__", "__pycache__"})


def test_no_import_runs_up():
    order, wrong = rooms_from_the_ground_up(), {}
    for file in sorted(ROOT.rglob("*.py")):
        room = file.relative_to(ROOT).parts[0].removesuffix(".py")
        if room != "__init__" and (upward := upward_imports(room, file.read_text(), order)):
            wrong[str(file.relative_to(ROOT))] = upward
    assert wrong == {}


@pytest.mark.parametrize(
    "line",
    [
        "from bridge_ros.nodes.planner_node import PlannerNode",
        "from bridge_ros import lab",
        "import bridge_ros.commands.demo",
        "def f():\n    from bridge_ros.ros import topics",
    ],
)
def test_an_import_that_runs_up_is_found(line):
    assert upward_imports("planner", line, rooms_from_the_ground_up())


def test_an_import_that_runs_down_is_fine():
    assert (
        upward_imports("nodes", "from bridge_ros.plan import checks", rooms_from_the_ground_up())
        == []
    )


def arithmetic_in(tree):
    """The expressions of a file that compute something; the bars of type annotations do not."""
    annotations = {
        id(part)
        for node in ast.walk(tree)
        for field in ("annotation", "returns")
        if (annotation := getattr(node, field, None)) is not None
        for part in ast.walk(annotation)
    }
    return [
        ast.unparse(node)
        for node in ast.walk(tree)
        if isinstance(node, ast.BinOp | ast.AugAssign) and id(node) not in annotations
    ]


@pytest.mark.parametrize("file", sorted(ROOT.glob("nodes/*_node.py")), ids=lambda file: file.stem)
def test_a_node_only_wires_a_core_object_to_topics(file):
    source = file.read_text()
    assert len(source.splitlines()) <= 150, "move what is no wiring to its room"
    assert arithmetic_in(ast.parse(source)) == [], "move what computes to its room"


@pytest.mark.parametrize("line", ["a = b + 1", "a += 1", "a: int = b * c", "f(x=1.0 / y)"])
def test_arithmetic_is_found(line):
    assert arithmetic_in(ast.parse(line))


@pytest.mark.parametrize("line", ["a: int | None = None", "def f(a: int | str) -> int | None: ..."])
def test_annotations_are_no_arithmetic(line):
    assert arithmetic_in(ast.parse(line)) == []


def modules_of(package):
    folder = ROOT.joinpath(*package.split("."))
    found = pkgutil.walk_packages([str(folder)], prefix=f"bridge_ros.{package}.")
    return [f"bridge_ros.{package}", *(module.name for module in found)]


def test_the_core_imports_neither_ros_nor_hardware_libraries():
    modules = [module for package in CORE for module in modules_of(package)]
    program = (
        "import importlib, sys\n"
        f"for name in {modules!r}: importlib.import_module(name)\n"
        f"print([name for name in {NOT_IN_CORE!r} if name in sys.modules])"
    )
    run = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False
    )
    assert run.stdout.strip() == "[]", run.stdout + run.stderr


@pytest.mark.parametrize("package", ["sim", "ros", "graph", "nodes", "deploy", "lab", "commands"])
def test_every_other_module_imports(package):
    for module in modules_of(package):
        importlib.import_module(module)


@pytest.mark.parametrize(
    "deployment",
    [Deployment(), Deployment(sim=True, seed=3), Deployment(camera="realsense_ros")],
    ids=["robot", "sim", "official camera"],
)
def test_what_a_deployment_overrides_exists(deployment):
    for spec in deployment.nodes():
        settings_class = importlib.import_module(spec.module).SETTINGS
        changed = flatten(settings_from(settings_class, spec.overrides, source=spec.name))
        assert changed.items() >= dict(spec.overrides).items()


def test_the_architecture_page_tells_of_every_room_in_order():
    page = ROOT.parent / "docs" / "architecture.md"
    rows = re.findall(r"^\| `(\w+)` \|", page.read_text().split("## Rooms")[1], flags=re.M)
    assert rows == rooms_from_the_ground_up()
