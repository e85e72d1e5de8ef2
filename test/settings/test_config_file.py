import pytest

from bridge_ros.control.target_checks import TargetLimits
from bridge_ros.errors import ConfigError
from bridge_ros.expert.loop import ExpertLoopSettings
from bridge_ros.settings.config_file import node_settings, settings_from
from bridge_ros.trajectory.settings import TrajectorySettings


def test_a_section_of_a_node_s_file_becomes_its_settings():
    limits = node_settings(TargetLimits, "controller", "targets")
    assert limits.workspace_min_m == (0.25, -0.40, 0.0)


@pytest.mark.parametrize(
    ("kind", "sections"),
    [(ExpertLoopSettings, ("expert", "loop")), (TrajectorySettings, ("trajectory",))],
)
def test_nested_settings_are_read_too(kind, sections):
    assert isinstance(node_settings(kind, *sections), kind)


def test_an_unknown_entry_is_named():
    with pytest.raises(ConfigError, match=r"unknown entries \['max_age'\]"):
        settings_from(TargetLimits, {"max_age": 1.0}, name="targets")


def test_a_missing_section_is_named():
    with pytest.raises(ConfigError, match="expected an entry 'legs'"):
        node_settings(TargetLimits, "controller", "legs")
