"""Small pieces of MJCF that the builders of objects and furniture share."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Sequence

import numpy as np
from scipy.spatial.transform import Rotation

Rgb = tuple[float, float, float]
Size = tuple[float, float, float]
"""`(x, y, z)` extents of a bounding box [m]."""

_CONTACT = {"condim": "4", "friction": "0.9 0.005 0.0005", "solref": "0.006 1"}


def solid(parent: ET.Element, rgb: Rgb, **attributes: str) -> None:
    """A geom that is seen and collides; friction and stiffness of painted wood unless given."""
    ET.SubElement(parent, "geom", {**_CONTACT, "rgba": rgba(rgb), **attributes})


def visual(parent: ET.Element, rgb: Rgb, **attributes: str) -> None:
    """A geom that is only seen, and weighs nothing."""
    ghost = {"contype": "0", "conaffinity": "0", "mass": "0"}
    ET.SubElement(parent, "geom", {**ghost, "rgba": rgba(rgb), **attributes})


def rgba(rgb: Rgb) -> str:
    """An opaque colour as MJCF writes it."""
    return numbers((*rgb, 1.0))


def numbers(values: Sequence[float] | np.ndarray) -> str:
    """Values as MJCF writes them."""
    return " ".join(f"{value:.5f}" for value in values)


def quaternion(rotation: Rotation) -> str:
    """A rotation as MJCF writes it (wxyz)."""
    x, y, z, w = rotation.as_quat()
    return numbers((w, x, y, z))


def shade(rgb: Rgb, factor: float) -> Rgb:
    """A darker (or lighter) tone of a colour."""
    red, green, blue = (min(1.0, factor * channel) for channel in rgb)
    return red, green, blue
