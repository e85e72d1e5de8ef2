#!/usr/bin/env python3
"""Draws the rooms of the package and who imports whom: docs/images/architecture.png.

    .venv/bin/python scripts/draw_architecture.py

Rooms and floors are those of pyproject.toml, lines and imports those of the code. An import that
follows from two others is left out, so that what remains can be seen.
"""

import ast
import sys
from pathlib import Path

import matplotlib

matplotlib.use("agg")
import matplotlib.pyplot as plt
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch

try:
    import tomllib
except ModuleNotFoundError:  # Python 3.10; pytest brings it there
    import tomli as tomllib

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "bridge_ros"
COLOURS = ("#e8e6df", "#dcebdc", "#d5efef", "#d6e4f5", "#f6e3c8", "#eadcf2", "#f3d9d6")


def main() -> None:
    out = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "docs/images/architecture.png"
    document = tomllib.loads((ROOT / "pyproject.toml").read_text())
    floors = document["tool"]["bridge_ros"]["floors"]
    lines, imports = measure([room for floor in floors for room in floor["rooms"]])
    draw(floors, lines, without_shortcuts(imports), out)
    print(out)


def measure(rooms: list[str]) -> tuple[dict[str, int], dict[str, set[str]]]:
    """Lines of each room, and the other rooms that it imports."""
    lines, imports = {}, {}
    for room in rooms:
        folder = PACKAGE / room
        files = sorted(folder.rglob("*.py")) if folder.is_dir() else [folder.with_suffix(".py")]
        sources = [file.read_text() for file in files]
        lines[room] = sum(source.count("\n") for source in sources)
        found = {name for source in sources for name in imported_rooms(source)}
        imports[room] = found & set(rooms) - {room}
    return lines, imports


def imported_rooms(source: str) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ImportFrom) and node.module == "bridge_ros":
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith("bridge_ros."):
            found.add(str(node.module).split(".")[1])
    return found


def without_shortcuts(imports: dict[str, set[str]]) -> dict[str, set[str]]:
    """The imports without those that lead where a chain of the others leads as well."""

    def reach(room: str) -> set[str]:
        return imports[room].union(*(reach(other) for other in imports[room]))

    return {
        room: {
            other
            for other in others
            if not any(other in reach(between) for between in others - {other})
        }
        for room, others in imports.items()
    }


def draw(
    floors: list[dict], lines: dict[str, int], imports: dict[str, set[str]], out: Path
) -> None:
    """One band a floor, one box a room as wide as its lines allow, and an arrow an import."""
    figure, axes = plt.subplots(figsize=(13, 10), dpi=110)
    boxes = {}
    for level, (floor, colour) in enumerate(zip(floors, COLOURS, strict=True)):
        bottom = 1.6 * level
        axes.add_patch(
            FancyBboxPatch((0, bottom), 100, 1.25, boxstyle="round,pad=0.08", fc=colour, ec="none")
        )
        axes.text(0.6, bottom + 1.02, floor["name"], fontsize=11, style="italic", color="#444")
        widths = [8.0 + 0.055 * lines[room] ** 0.6 for room in floor["rooms"]]
        gap = (100 - sum(widths)) / (len(widths) + 1)
        left = gap
        for room, width in zip(floor["rooms"], widths, strict=True):
            axes.add_patch(
                FancyBboxPatch(
                    (left, bottom + 0.2),
                    width,
                    0.6,
                    boxstyle="round,pad=0.05",
                    fc="white",
                    ec="#555",
                    zorder=3,
                )
            )
            centre = left + width / 2
            axes.text(centre, bottom + 0.57, room, ha="center", va="center", fontsize=11, zorder=4)
            axes.text(
                centre,
                bottom + 0.32,
                f"{lines[room]:,} lines",
                ha="center",
                va="center",
                fontsize=8,
                color="#777",
                zorder=4,
            )
            boxes[room] = (centre, bottom, level)
            left += width + gap
    for room, others in imports.items():
        for other in others:
            (x, y, level), (to_x, to_y, to_level) = boxes[room], boxes[other]
            same = level == to_level
            axes.add_patch(
                FancyArrowPatch(
                    (x, y + (0.86 if same else 0.14)),
                    (to_x, to_y + 0.87),
                    connectionstyle=f"arc3,rad={(0.12 if x > to_x else -0.12) if same else 0}",
                    arrowstyle="-|>",
                    mutation_scale=12,
                    lw=0.9,
                    color="#333333",
                    alpha=0.55,
                    zorder=2,
                )
            )
    axes.set_xlim(-1, 101)
    axes.set_ylim(-0.5, 1.6 * len(floors))
    axes.axis("off")
    axes.set_title("The rooms of bridge_ros: an arrow is an import, and none runs up", fontsize=13)
    figure.tight_layout()
    out.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(out)


if __name__ == "__main__":
    main()
