"""An open basket of woven strips."""

from __future__ import annotations

import xml.etree.ElementTree as ET

from bridge_ros.sim.objects.mjcf import Rgb, Size, shade, solid, visual

_WHITE: Rgb = (1.0, 1.0, 1.0)


def build_basket(body: ET.Element, rgb: Rgb, size_m: Size) -> None:
    """An open square basket of woven strips; its frame is the centre of its bounding box."""
    wall = 0.005
    x, y, z = (extent / 2 for extent in size_m)
    half = z - 0.001  # The walls end above the floor's underside, which alone stands on the table.
    ET.SubElement(
        body, "inertial", mass="0.25", pos=f"0 0 {-z * 0.35:.4f}", diaginertia="9e-4 9e-4 1.4e-3"
    )
    rim = shade(rgb, 0.72)
    floor = {"size": f"{x - wall} {y - wall} 0.002", "pos": f"0 0 {0.002 - z}"}
    solid(body, _WHITE, type="box", material="wicker", **floor)
    for side in (-1, 1):
        along_x = {"size": f"{x} {wall / 2} {half}", "pos": f"0 {side * (y - wall / 2)} {z - half}"}
        along_y = {
            "size": f"{y} {wall / 2} {half}",
            "pos": f"{side * (x - wall / 2)} 0 {z - half}",
            "euler": "0 0 1.5707963",
        }
        solid(body, _WHITE, type="box", material="wicker", **along_x)
        solid(body, _WHITE, type="box", material="wicker", **along_y)
        edge_x = f"{-x} {side * (y - wall / 2)} {z - 0.003} {x} {side * (y - wall / 2)} {z - 0.003}"
        edge_y = f"{side * (x - wall / 2)} {-y} {z - 0.003} {side * (x - wall / 2)} {y} {z - 0.003}"
        for edge in (edge_x, edge_y):
            visual(body, rim, type="capsule", size="0.0042", fromto=edge)
