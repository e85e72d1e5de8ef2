"""Writes the board as a page to print: PNG and PDF at true size, with a ruler to measure it by."""

from __future__ import annotations

from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from bridge_ros.camera.calibration_board import Board
from bridge_ros.errors import ConfigError

PAPERS_MM = {"a4": (297.0, 210.0), "a3": (420.0, 297.0), "letter": (279.4, 215.9)}
"""Width and height of a sheet, landscape."""

_DPI = 300
_MM_PER_INCH = 25.4
_EDGE_MM = 6.0
_RULER_MM = 100.0


def board_page(board: Board, paper: str = "a4") -> Image.Image:
    """The page as a greyscale picture of 300 dots an inch.

    Raises:
        ConfigError: for an unknown paper, or a board that does not fit on it.
    """
    if paper not in PAPERS_MM:
        raise ConfigError(f"paper: expected one of {[*PAPERS_MM]}, got {paper!r}")
    page_mm = PAPERS_MM[paper]
    width_mm, height_mm = (1e3 * side for side in board.size_m)
    if width_mm + 2 * _EDGE_MM > page_mm[0] or height_mm + 4 * _EDGE_MM > page_mm[1]:
        raise ConfigError(
            f"board: expected one that fits on {paper} ({page_mm[0]:.0f} x {page_mm[1]:.0f} mm), "
            f"got {width_mm:.0f} x {height_mm:.0f} mm; take larger paper or fewer, smaller squares"
        )
    page = Image.new("L", (_pixels(page_mm[0]), _pixels(page_mm[1])), 255)
    left, top = (page_mm[0] - width_mm) / 2, _EDGE_MM
    pattern = board.to_cv().generateImage((_pixels(width_mm), _pixels(height_mm)))
    page.paste(Image.fromarray(pattern), (_pixels(left), _pixels(top)))
    draw = ImageDraw.Draw(page)
    y = _pixels(top + height_mm + 5.0)
    ends = (_pixels(left), _pixels(left + _RULER_MM))
    draw.line((ends[0], y, ends[1], y), fill=0, width=3)
    for x in ends:
        draw.line((x, y - 20, x, y + 20), fill=0, width=3)
    text = (
        f"ChArUco {board.columns} x {board.rows}, squares {1e3 * board.square_m:g} mm, "
        f"{board.dictionary}. Print at 100 %: this line is {_RULER_MM:.0f} mm."
    )
    draw.text((ends[1] + 40, y - 22), text, fill=0, font=ImageFont.load_default(size=40))
    return page


def write_board(board: Board, path: Path, paper: str = "a4") -> None:
    """Write the page; the name's ending, .pdf or .png, says as what.

    Raises:
        ConfigError: see `board_page`; and for another ending.
    """
    if path.suffix.lower() not in (".pdf", ".png"):
        raise ConfigError(f"{path}: expected a name that ends with .pdf or .png")
    page = board_page(board, paper)
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.suffix.lower() == ".pdf":
        page.save(path, resolution=_DPI)
    else:
        page.save(path, dpi=(_DPI, _DPI))


def _pixels(millimetres: float) -> int:
    return round(millimetres / _MM_PER_INCH * _DPI)
