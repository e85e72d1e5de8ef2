"""Agreements between files of the package that nothing else checks before a user meets them."""

import ast
import importlib.metadata
import os
import re
import sys
import xml.etree.ElementTree as ElementTree
from distutils.core import run_setup  # setuptools' own, where Python no longer has it
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def setup(monkeypatch):
    monkeypatch.chdir(ROOT)
    return run_setup("setup.py", stop_after="init")


@pytest.fixture(scope="module")
def manifest():
    return ElementTree.parse(ROOT / "package.xml")


def canonical(name):
    return re.sub(r"[-_.]+", "-", name).lower()


def required(setup, *extras):
    """The distributions that the package asks for."""
    requirements = list(setup.install_requires)
    for extra in extras:
        requirements += setup.extras_require[extra]
    return {canonical(re.match(r"[\w.-]+", text)[0]) for text in requirements}


def ros_dependencies(manifest):
    return {tag.text for kind in ("depend", "exec_depend") for tag in manifest.iter(kind)}


def third_party_imports():
    """Top-level module -> a file of the package, or the launch file, that imports it."""
    found = {}
    for file in [*ROOT.glob("bridge_ros/**/*.py"), *ROOT.glob("launch/*.py")]:
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom) and not node.level:
                names = [node.module]
            else:
                continue
            found |= {name.split(".")[0]: file.relative_to(ROOT) for name in names}
    for own in (*sys.stdlib_module_names, "bridge_ros"):
        found.pop(own, None)
    return found


def test_name_version_and_licence_are_the_same_for_pip_and_for_ros(setup, manifest):
    metadata = setup.metadata
    assert metadata.get_name() == manifest.findtext("name")
    assert metadata.get_version() == manifest.findtext("version")
    assert metadata.get_license() == manifest.findtext("license")


def test_every_command_has_a_main_to_call(setup):
    for script in setup.entry_points["console_scripts"]:
        module, function = script.split(" = ")[1].split(":")
        file = ROOT / (module.replace(".", "/") + ".py")
        defined = [n.name for n in ast.parse(file.read_text()).body if hasattr(n, "name")]
        assert function in defined, script


def test_every_node_has_a_command_and_an_executable_for_ros2(setup):
    nodes = {file.stem for file in ROOT.glob("bridge_ros/nodes/*_node.py")}
    scripts = {script.split(" = ")[0] for script in setup.entry_points["console_scripts"]}
    shipped = {
        Path(file)
        for folder, files in setup.data_files
        if folder == "lib/bridge_ros"
        for file in files
    }
    assert scripts == nodes | {"bridge-ros"}
    assert {file.name for file in shipped} == nodes
    assert all(os.access(ROOT / file, os.X_OK) for file in shipped)


def test_every_folder_with_python_is_a_package(setup):
    folders = {file.parent for file in ROOT.glob("bridge_ros/**/*.py")}
    modules = {str(folder.relative_to(ROOT)).replace("/", ".") for folder in folders}
    assert set(setup.packages) == modules


@pytest.mark.parametrize("folder", ["config", "launch", "models"])
def test_data_is_installed_where_it_is_looked_for(setup, folder):
    shipped = {Path(where, Path(file).name) for where, files in setup.data_files for file in files}
    expected = {
        Path("share/bridge_ros", file.relative_to(ROOT))
        for file in (ROOT / folder).rglob("*")
        if file.is_file() and "__pycache__" not in file.parts
    }
    assert expected
    assert expected <= shipped


def test_what_the_code_imports_is_asked_for(setup, manifest):
    distributions = importlib.metadata.packages_distributions()
    asked = required(setup, *(set(setup.extras_require) - {"ros", "test"}))
    by_ros = ros_dependencies(manifest)
    for module, file in third_party_imports().items():
        offered = {canonical(name) for name in distributions.get(module, [])}
        offered.add(canonical(module))
        assert module in by_ros or offered & asked, f"{file} imports {module}"


def test_constraints_pin_all_that_is_asked_for(setup):
    pins = re.findall(r"^([\w-]+)==", (ROOT / "constraints.txt").read_text(), re.MULTILINE)
    assert required(setup, *setup.extras_require) <= set(pins)


@pytest.mark.parametrize("package", ["bridge_interfaces", "third_party_interfaces/tf2_msgs"])
def test_every_interface_file_is_built_and_its_packages_are_named(package):
    folder = ROOT / package
    build = (folder / "CMakeLists.txt").read_text()
    listed = re.search(r"rosidl_generate_interfaces\((.*?)\)", build, re.DOTALL)[1]
    files, packages = listed.split("DEPENDENCIES")
    named = {tag.text for tag in ElementTree.parse(folder / "package.xml").iter("depend")}
    kinds = ("msg", "srv", "action")
    present = {str(f.relative_to(folder)) for k in kinds for f in folder.glob(f"{k}/*.{k}")}
    assert set(files.split()[1:]) == present
    assert set(packages.split()) == named
