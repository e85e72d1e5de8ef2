import pytest

from bridge_ros.errors import ConfigError
from bridge_ros.lab.recording.message_definitions import message_class, message_definition
from bridge_ros.lab.recording.recording_settings import RecordingSettings
from bridge_ros.ros import topics


def test_every_shipped_topic_is_one_of_the_package_s_and_its_type_is_installed():
    known = {value for value in vars(topics).values() if isinstance(value, str)}
    for topic, kind in RecordingSettings.load().topics.types.items():
        assert topic in known
        assert message_class(kind).__name__ == kind.split("/")[-1]
        assert message_definition(kind)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("topics: {reliable: {}}", "at least one topic"),
        ("topics: {reliable: {bridge/plan: std_msgs/msg/String}}", "expected /name"),
        ("topics: {reliable: {/plan: String}}", "expected /name"),
        ("topics: {reliable: {/a: a/msg/B}, latched: {/a: a/msg/B}}", "each name once"),
        ("topics: {reliable: {/a: a/msg/B}}\ncommit_s: 5.0", "commit_s"),
        ("topics: {reliable: {/a: a/msg/B}}\ncompression: gzip", "compression"),
        ("topics: {reliable: {/a: a/msg/B}}\nspeed: 5.0", "expected known entries, got speed"),
        ("[]", "expected names with values"),
    ],
)
def test_an_unusable_file_is_refused_with_what_is_wrong(tmp_path, text, complaint):
    (tmp_path / "record.yaml").write_text(text)
    with pytest.raises(ConfigError, match=complaint):
        RecordingSettings.load(tmp_path / "record.yaml")


def test_a_type_that_is_not_installed_is_named():
    with pytest.raises(ConfigError, match="no_such_msgs"):
        message_class("no_such_msgs/msg/String")
    with pytest.raises(ConfigError, match="Nothing"):
        message_definition("std_msgs/msg/Nothing")
