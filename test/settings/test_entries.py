import importlib
from dataclasses import dataclass, field
from typing import Annotated, Literal

import pytest

from bridge_ros.deploy.deployment import Deployment
from bridge_ros.lab.calibration.calibration_settings import CalibrationSettings
from bridge_ros.lab.recording.recording_settings import RecordingSettings
from bridge_ros.lab.teleop.teleop_settings import TeleopSettings
from bridge_ros.settings.entries import attribute_texts, entries_of, unit_of
from bridge_ros.settings.loader import names_of
from bridge_ros.settings.ranges import Range


@dataclass(frozen=True, kw_only=True)
class Base:
    """What all have.

    Attributes:
        host: address of it: a name,
            or numbers.
        low_m, high_m: corners.

    Other text: that is none of it.
    """

    host: str = "here"
    low_m: float = 0.0
    high_m: float = 1.0


@dataclass(frozen=True, kw_only=True)
class Derived(Base):
    """More.

    Attributes:
        rate_hz: how often.
        low_m: lower corner.
    """

    rate_hz: Annotated[float, Range(1.0, 50.0)] = 20.0


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Says nothing."""

    mode: Literal["fast", "slow"] = "fast"
    part: Derived = field(default_factory=Derived)


def test_a_docstring_tells_of_every_attribute_and_a_base_of_those_it_has():
    assert attribute_texts(Derived) == {
        "host": "address of it: a name, or numbers.",
        "low_m": "lower corner.",
        "high_m": "corners.",
        "rate_hz": "how often.",
    }
    assert attribute_texts(Settings) == {}


def test_entries_know_their_dotted_name_type_default_text_unit_and_range():
    entries = entries_of(Settings)
    assert list(entries) == names_of(Settings)
    assert entries["mode"].text == entries["mode"].unit == ""
    rate = entries["part.rate_hz"]
    assert (rate.name, rate.kind, rate.default) == ("part.rate_hz", float, 20.0)
    assert (rate.text, rate.unit, rate.allowed) == ("how often.", "Hz", Range(1.0, 50.0))


@pytest.mark.parametrize(
    ("name", "unit"),
    [
        ("max_speed_m_s", "m/s"),
        ("linear_jerk_m_s3", "m/s^3"),
        ("gain_per_s", "1/s"),
        ("rotational_damping_nms_rad", "Nms/rad"),
        ("stiffness_n_m", "N/m"),
        ("age_s", "s"),
        ("m", ""),
        ("max_stages", ""),
    ],
)
def test_a_name_ends_in_its_unit(name, unit):
    assert unit_of(name) == unit


@pytest.mark.parametrize("node", [spec.name for spec in Deployment(sim=True).nodes()])
def test_every_parameter_of_a_node_says_what_it_means(node):
    settings_class = importlib.import_module(f"bridge_ros.nodes.{node}_node").SETTINGS
    assert [name for name, entry in entries_of(settings_class).items() if not entry.text] == []


@pytest.mark.parametrize("settings", [CalibrationSettings, RecordingSettings, TeleopSettings])
def test_every_setting_of_a_command_says_what_it_means(settings):
    assert [name for name, entry in entries_of(settings).items() if not entry.text] == []
