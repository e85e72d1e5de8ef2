"""The recipes of CONTRIBUTING.md name every file that their example touches, and no other."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
TEXT = (ROOT / "CONTRIBUTING.md").read_text()
RECIPES = re.findall(
    r'^### (?P<name>.+?)\n.*?`grep -rlE "(?P<pattern>.+?)" (?P<places>[\w ]+)`'
    r"(?P<table>.*?)(?=^##)",
    TEXT,
    flags=re.M | re.S,
)


def test_there_are_recipes():
    names = [name for name, *_ in RECIPES]
    assert names == re.findall(r"^### (.+)$", TEXT, flags=re.M)
    assert len(names) >= 6


@pytest.mark.parametrize(
    ("name", "pattern", "places", "table"), RECIPES, ids=[r[0] for r in RECIPES]
)
def test_a_recipe_names_every_file_that_its_example_touches(name, pattern, places, table):
    wanted = re.compile(pattern.replace('\\"', '"'))
    found = {
        str(file.relative_to(ROOT))
        for place in places.split()
        for file in (ROOT / place).rglob("*")
        if file.suffix in (".py", ".yaml") and wanted.search(file.read_text())
    }
    named = set(re.findall(r"^\| `([\w/.]+)` \|", table, flags=re.M))
    assert named == found
