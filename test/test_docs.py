"""What the pages say of the tree, and of one another, is true."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PAGES = [
    path.relative_to(ROOT)
    for pattern in ("*.md", "docs/*.md", "models/*/*.md")
    for path in sorted(ROOT.glob(pattern))
]


def anchors(page):
    """The anchors of a page's headings, as GitHub forms them."""
    headings = re.findall(r"^#+ (.+)$", page.read_text(), flags=re.M)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=str)
def test_links_lead_somewhere(page):
    text = re.sub(r"```.*?```", "", (ROOT / page).read_text(), flags=re.S)
    broken = []
    for link in re.findall(r"\]\(([^)\s]+)\)", text):
        if link.startswith(("http://", "https://")):
            continue
        path, _, anchor = link.partition("#")
        target = ((ROOT / page).parent / path).resolve() if path else ROOT / page
        if not target.exists() or (anchor and anchor not in anchors(target)):
            broken.append(link)
    assert broken == []


@pytest.mark.parametrize("page", PAGES, ids=str)
def test_files_that_are_named_exist(page):
    text = (ROOT / page).read_text()
    named = re.findall(r"`((?:bridge_ros|config|scripts|test|launch|models)/[\w./-]+)`", text)
    of_the_user = "config/extrinsics/"
    gone = [name for name in named if not (ROOT / name).exists()]
    assert [name for name in gone if not name.startswith(of_the_user)] == []


@pytest.mark.parametrize("page", PAGES, ids=str)
def test_modules_that_are_named_exist(page):
    text = (ROOT / page).read_text()
    gone = []
    for name in re.findall(r"\bbridge_ros((?:\.[a-z_]+)+)\b", text):
        parts = name.strip(".").split(".")
        options = [ROOT.joinpath("bridge_ros", *parts[:n]) for n in (len(parts), len(parts) - 1)]
        if not any(path.is_dir() or path.with_suffix(".py").is_file() for path in options):
            gone.append(name)
    assert gone == []


def test_the_index_names_every_page():
    pages = {path.name for path in (ROOT / "docs").glob("*.md")} - {"README.md"}
    linked = set(re.findall(r"\]\((\w+\.md)\)", (ROOT / "docs/README.md").read_text()))
    assert linked == pages


def test_the_readme_can_be_read_in_one_sitting():
    assert (ROOT / "README.md").read_text().count("\n") <= 150
