"""The shipped files and the dataclasses behind them say the same: same entries, same values."""

import dataclasses
import importlib
import re

import pytest

from bridge_ros.deploy.deployment import Deployment
from bridge_ros.lab.calibration.calibration_settings import CalibrationSettings
from bridge_ros.lab.evaluation.vlm_noise import VlmNoise
from bridge_ros.lab.recording.recording_settings import RecordingSettings
from bridge_ros.lab.teleop.teleop_settings import TeleopSettings
from bridge_ros.lab.training.finetune_settings import FinetuneSettings
from bridge_ros.lab.training.pretrain_settings import PretrainSettings
from bridge_ros.lab.training.vlm.vlm_training_settings import VlmTrainingSettings
from bridge_ros.planner.vlm.prompts import Prompts
from bridge_ros.settings.config_file import node_section, read_yaml, settings_file
from bridge_ros.settings.entries import entries_of
from bridge_ros.settings.loader import flatten, names_of, settings_from
from bridge_ros.settings.resources import share_dir

NODES = [spec.name for spec in Deployment(sim=True).nodes()]
WHOLE = {
    "calibration.yaml": CalibrationSettings,
    "teleop.yaml": TeleopSettings,
    "training/finetune.yaml": FinetuneSettings,
    "training/pretrain.yaml": PretrainSettings,
    "training/vlm.yaml": VlmTrainingSettings,
}
WITHOUT_DEFAULTS = {"evaluation/vlm_noise.yaml": VlmNoise, "prompts/v1.yaml": Prompts}
PARTS = [f"training/vlm_{name}.yaml" for name in ("small", "small_finetune", "small_numbers")]
NO_SETTINGS = {"manual_plan.yaml", "extrinsics/sim.yaml", "training/vlm_fsdp.yaml"}


@pytest.mark.parametrize("node", NODES)
def test_a_node_s_file_holds_every_entry_with_its_default(node):
    settings_class = importlib.import_module(f"bridge_ros.nodes.{node}_node").SETTINGS
    assert list(read_yaml(f"config/{node}.yaml")) == [node]
    assert flat(node_section(node)) == flatten(settings_class())
    assert settings_from(settings_class, node_section(node), source=node) == settings_class()


@pytest.mark.parametrize("name", WHOLE)
def test_a_command_s_file_holds_every_entry_with_its_default(name):
    assert flat(read_yaml(f"config/{name}")) == flatten(WHOLE[name]())
    assert settings_file(WHOLE[name], f"config/{name}") == WHOLE[name]()


def test_the_recorder_s_file_holds_every_entry_with_its_default_and_the_topics():
    shipped = settings_file(RecordingSettings, "config/record.yaml")
    assert shipped == RecordingSettings(topics=shipped.topics)
    assert list(read_yaml("config/record.yaml")) == [
        field.name for field in dataclasses.fields(RecordingSettings)
    ]


@pytest.mark.parametrize("name", WITHOUT_DEFAULTS)
def test_what_has_no_defaults_stands_in_its_file(name):
    assert list(read_yaml(f"config/{name}")) == names_of(WITHOUT_DEFAULTS[name])
    settings_file(WITHOUT_DEFAULTS[name], f"config/{name}")


@pytest.mark.parametrize("name", PARTS)
def test_a_file_that_tells_only_what_differs_is_usable(name):
    settings_file(VlmTrainingSettings, f"config/{name}")


def test_no_file_is_forgotten_here():
    folder = share_dir() / "config"
    there = {str(path.relative_to(folder)) for path in folder.rglob("*.yaml")}
    told = {f"{node}.yaml" for node in NODES} | {"record.yaml", *WHOLE, *WITHOUT_DEFAULTS, *PARTS}
    assert there == told | NO_SETTINGS


@pytest.mark.parametrize("name", ["controller.yaml", "teleop.yaml", "calibration.yaml"])
def test_ranges_in_comments_are_those_of_the_code(name):
    node = name.removesuffix(".yaml")
    settings_class = (
        WHOLE.get(name) or importlib.import_module(f"bridge_ros.nodes.{node}_node").SETTINGS
    )
    entries, told = entries_of(settings_class), 0
    for key, comment in commented((share_dir() / "config" / name).read_text()):
        key = key.removeprefix(f"{node}.ros__parameters.")
        for low, high in re.findall(
            r"(?:^|, )(?:up to|at most|([\d.]+) to) ([\d.]+)(?=;|$)", comment
        ):
            allowed, told = entries[key].allowed, told + 1
            assert allowed is not None and float(high) == allowed.most, (key, comment)
            assert not low or float(low) == allowed.least, (key, comment)
    assert told, "the pattern finds no range any more"


def commented(text):
    """The dotted keys of a YAML file whose value has a comment in its line, and that comment."""
    above = []
    for line in text.splitlines():
        match = re.fullmatch(r"( *)(\w+):(?: ([^#]*))?(?:# (.*))?", line)
        if match:
            indent, key = len(match[1]), match[2]
            above = [(i, k) for i, k in above if i < indent] + [(indent, key)]
            if match[4]:
                yield ".".join(k for _, k in above), match[4]


def flat(tree, prefix=""):
    entries = {}
    for key, value in tree.items():
        if isinstance(value, dict):
            entries |= flat(value, f"{prefix}{key}.")
        else:
            entries[prefix + key] = value
    return entries
