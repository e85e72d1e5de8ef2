import pytest
import yaml

from bridge_ros.errors import ConfigError
from bridge_ros.planner.vlm.prompts import Prompts
from bridge_ros.settings.resources import resource_path

SHIPPED = resource_path("config/prompts/v1.yaml")


def filled(prompts, instruction):
    return prompts.fill("anchor", instruction=instruction, history="nothing", width=9, height=9)


def test_the_shipped_prompts_load_and_values_are_not_read_as_prompts():
    prompts = Prompts.load(SHIPPED)
    assert "Task: $width {history} ${u}\n" in filled(prompts, "$width {history} ${u}")


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"anchor": "Where?"}, "spoilt.yaml: anchor: expected the placeholders"),
        ({"correction": "$trouble $extra"}, "got .'extra', 'trouble'."),
        ({"correction": "$trouble for 5 $ only"}, "correction: expected the placeholders"),
        ({"system": ""}, "system: expected a text"),
        ({"version": 1}, "version: expected str"),
        ({"more": "words"}, "expected known entries, got more"),
    ],
)
def test_spoilt_prompts_are_refused(tmp_path, changes, said):
    entries = yaml.safe_load(SHIPPED.read_text())
    path = tmp_path / "spoilt.yaml"
    path.write_text(yaml.safe_dump(entries | changes))
    with pytest.raises(ConfigError, match=said):
        Prompts.load(path)


@pytest.mark.parametrize("content", [b"\xff\xfe\x00", b"a: [", b"- a list"])
def test_what_is_no_prompt_file_is_refused(tmp_path, content):
    path = tmp_path / "broken.yaml"
    path.write_bytes(content)
    with pytest.raises(ConfigError, match=r"broken\.yaml"):
        Prompts.load(path)
