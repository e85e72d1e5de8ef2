"""Whoever copies a command line out of the documentation gets what it says."""

import re

import pytest
from command_lines import command_lines

from bridge_ros import cli
from bridge_ros.settings.resources import share_dir

DOCUMENTS = sorted(
    path
    for pattern in ("README.md", "docs/*.md", "models/*/README.md")
    for path in share_dir().glob(pattern)
)


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: str(path.relative_to(share_dir())))
def test_the_documented_command_lines_are_ones_that_the_verbs_take(path):
    for block in re.findall(r"^ *```\w*\n(.*?)^ *```", path.read_text(), re.DOTALL | re.MULTILINE):
        for line in command_lines(block):
            try:
                cli.VERBS.parse(line)
            except SystemExit as end:
                assert not end.code, f"bridge-ros {' '.join(line)}"
