import pytest

from bridge_ros.control.target_checks import TargetLimits
from bridge_ros.errors import ConfigError
from bridge_ros.settings.config_file import node_settings, read_yaml, settings_file


def test_a_section_of_a_node_s_file_becomes_its_settings():
    limits = node_settings(TargetLimits, "controller", "targets")
    assert limits.workspace_min_m == (0.25, -0.40, 0.0)


def test_changes_go_before_the_file_s_entries():
    limits = node_settings(TargetLimits, "controller", "targets", changes={"max_step_m": 0.01})
    assert limits == TargetLimits(max_step_m=0.01)


def test_an_unknown_entry_is_named_with_its_file_and_section():
    with pytest.raises(
        ConfigError,
        match=r"controller\.yaml: .*got targets\.max_age; did you mean targets\.max_age_s\?",
    ):
        node_settings(TargetLimits, "controller", "targets", changes={"max_age": 1.0})


def test_a_missing_section_is_named():
    with pytest.raises(ConfigError, match="expected an entry 'legs'"):
        node_settings(TargetLimits, "controller", "legs")


@pytest.mark.parametrize("content", [b"\xff\xfe\x00", b"a: ["])
def test_what_is_no_yaml_is_refused_by_its_name(tmp_path, content):
    path = tmp_path / "broken.yaml"
    path.write_bytes(content)
    with pytest.raises(ConfigError, match=r"broken\.yaml: expected a YAML file"):
        read_yaml(path)


def test_a_file_of_a_list_holds_no_settings(tmp_path):
    path = tmp_path / "list.yaml"
    path.write_text("- 1")
    with pytest.raises(ConfigError, match=r"list\.yaml: expected names with values, got \[1\]"):
        settings_file(TargetLimits, path)
