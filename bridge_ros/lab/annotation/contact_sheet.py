"""Contact sheets: many annotated frames on one picture, for a person to look over."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

from bridge_ros.geometry.poses import position_of, rotation_of
from bridge_ros.lab.annotation.records import Record

COLUMNS, ROWS = 4, 5
_TILE = (400, 300)
_CAPTION = 44
_WAY, _ANCHOR, _FINGERS, _APPROACH = "#ffd23f", "#ff4f9a", "#00c2ff", "#7cff6b"
_OPENING_M = 0.055
_APPROACH_M = 0.05


def draw_sheets(records: Sequence[Record], folder: Path, *, most: int) -> list[Path]:
    """Write sheets of records, at most so many, spread evenly over all records."""
    folder.mkdir(parents=True, exist_ok=True)
    share = min(len(records), most * COLUMNS * ROWS)
    chosen = [records[i] for i in np.linspace(0, len(records) - 1, share).astype(int)]
    files = []
    for start in range(0, len(chosen), COLUMNS * ROWS):
        tiles = [_tile(record) for record in chosen[start : start + COLUMNS * ROWS]]
        width, height = _TILE[0], _TILE[1] + _CAPTION
        rows = -(-len(tiles) // COLUMNS)
        sheet = Image.new("RGB", (COLUMNS * width, rows * height), "black")
        for i, tile in enumerate(tiles):
            sheet.paste(tile, (i % COLUMNS * width, i // COLUMNS * height))
        files.append(folder / f"{start // (COLUMNS * ROWS):03d}.png")
        sheet.save(files[-1])
    return files


def _tile(record: Record) -> Image.Image:
    """A frame with the anchor (pink), the way (yellow), and the gripper at the target.

    The fingers' opening is blue, the way that the gripper points green.
    """
    intrinsics, plan = record.intrinsics, record.plan
    with Image.open(record.files.rgb) as image:
        tile = image.convert("RGB").resize(_TILE)
    scale = np.array(_TILE) / [intrinsics.width, intrinsics.height]
    draw = ImageDraw.Draw(tile)

    def pixels(points: np.ndarray) -> list[tuple[float, float]]:
        return [(float(u), float(v)) for u, v in intrinsics.project(points) * scale]

    way = pixels(plan.waypoints)
    draw.line(way, fill=_WAY, width=2)
    for u, v in way:
        draw.ellipse((u - 3, v - 3, u + 3, v + 3), outline=_WAY, width=2)
    position, rotation = position_of(plan.target_pose), rotation_of(plan.target_pose)
    across = rotation.apply([0.0, _OPENING_M, 0.0])
    back = rotation.apply([0.0, 0.0, -_APPROACH_M])
    draw.line(pixels(np.array([position - across, position + across])), fill=_FINGERS, width=2)
    draw.line(pixels(np.array([position + back, position])), fill=_APPROACH, width=2)
    u, v = record.anchor_px * scale
    draw.line([(u - 6, v), (u + 6, v)], fill=_ANCHOR, width=2)
    draw.line([(u, v - 6), (u, v + 6)], fill=_ANCHOR, width=2)
    whole = Image.new("RGB", (_TILE[0], _TILE[1] + _CAPTION), "black")
    whole.paste(tile, (0, 0))
    done = ", done" if plan.final else ""
    caption = (
        f"{record.name}: {record.instruction}\n{len(record.history) + 1}. {plan.subgoal} "
        f"[{plan.gripper_action.name.lower()}{done}] d {1000 * position[2]:.0f} mm"
    )
    ImageDraw.Draw(whole).text((4, _TILE[1] + 4), caption, fill="white")
    return whole
