"""The room that every scene stands in: table, floor, walls, lamps, and the D435 on its post."""

from __future__ import annotations

import xml.etree.ElementTree as ET

import numpy as np
from scipy.spatial.transform import Rotation

from bridge_ros.geometry.intrinsics import Intrinsics
from bridge_ros.geometry.poses import FloatArray, look_at, position_of, rotation_of
from bridge_ros.sim.scenes.scene import Lighting

CAMERA_NAME = "d435"
FLOOR_Z_M = -0.74
TABLE_CENTER = (0.32, 0.0)
TABLE_SIZE_M = (1.36, 1.40, 0.035)


CAMERA_OPTICAL_POSE = look_at((1.20, 0.0, 0.70), (0.45, 0.0, 0.0))
"""`(7,)` pose of the colour camera's optical frame in base."""


def add_assets(scene: ET.Element, lighting: Lighting) -> None:
    """Materials, undirected light and rendering settings."""
    visual = _child(scene, "visual")
    for old in list(visual):
        visual.remove(old)
    # MuJoCo lets a lamp's own ambient light be shadowed; that of the headlight is everywhere.
    ambient = _numbers(np.full(3, lighting.ambient))
    ET.SubElement(visual, "headlight", ambient=ambient, diffuse="0.08 0.08 0.08", specular="0 0 0")
    # One sample a pixel: depth is then that of the pixel's centre, and rendering costs half.
    ET.SubElement(visual, "quality", shadowsize="8192", offsamples="0")
    ET.SubElement(visual, "map", znear="0.05", zfar="12", shadowclip="3.0", shadowscale="0.9")
    ET.SubElement(scene, "statistic", extent="1", center="0.4 0 0.2")
    asset = _child(scene, "asset")
    for old in asset.findall("*[@name='ground_checker']"):
        asset.remove(old)
    ET.SubElement(
        asset,
        "texture",
        name="sky",
        type="skybox",
        builtin="gradient",
        rgb1="0.78 0.81 0.85",
        rgb2="0.60 0.62 0.65",
        width="64",
        height="64",
    )
    ET.SubElement(
        asset,
        "texture",
        name="wicker",
        type="2d",
        builtin="checker",
        rgb1="0.64 0.50 0.34",
        rgb2="0.55 0.41 0.27",
        width="64",
        height="64",
    )
    ET.SubElement(
        asset,
        "material",
        name="wicker",
        texture="wicker",
        texrepeat="45 75",
        texuniform="true",
        specular="0.05",
        shininess="0.1",
    )
    # Table and floor fill the image, and a texture on them is a third of what drawing costs.
    for name, rgba, specular in (
        ("laminate", "0.74 0.73 0.70 1", "0.12"),
        ("concrete", "0.46 0.47 0.48 1", "0.05"),
    ):
        ET.SubElement(asset, "material", name=name, rgba=rgba, specular=specular, shininess="0.2")
    for name, rgba in {
        "aluminium": "0.70 0.71 0.73 1",
        "cell_dark": "0.16 0.17 0.19 1",
        "cell_wall": "0.97 0.98 0.99 1",
        "cell_panel": "0.70 0.75 0.80 1",
        "cell_glass": "0.02 0.02 0.05 1",
    }.items():
        ET.SubElement(asset, "material", name=name, rgba=rgba, specular="0.4", shininess="0.4")


def add_room(worldbody: ET.Element, lighting: Lighting) -> None:
    """Replace franky-sim's ground and lamps by the cell's table, floor, walls and lamps."""
    for tag in ("geom", "light"):
        for old in worldbody.findall(tag):
            worldbody.remove(old)
    _add_table(worldbody)
    room = ET.SubElement(worldbody, "body", name="room")
    ET.SubElement(
        room,
        "geom",
        name="floor",
        type="plane",
        size="6 6 0.1",
        pos=f"0 0 {FLOOR_Z_M}",
        material="concrete",
    )
    decor = {"contype": "0", "conaffinity": "0"}
    wall = {"type": "box", "material": "cell_wall", **decor}
    ET.SubElement(room, "geom", wall, size="0.05 4 1.8", pos=f"-1.35 0 {FLOOR_Z_M + 1.8}")
    panel = {"type": "box", "material": "cell_panel", **decor}
    ET.SubElement(room, "geom", panel, size="0.02 4 0.45", pos=f"-1.29 0 {FLOOR_Z_M + 0.45}")
    duct = {"type": "box", "material": "aluminium", **decor}
    ET.SubElement(room, "geom", duct, size="0.03 4 0.04", pos=f"-1.28 0 {FLOOR_Z_M + 0.96}")
    _add_lamps(worldbody, lighting)


def add_camera(worldbody: ET.Element, intrinsics: Intrinsics, optical_pose: FloatArray) -> None:
    """The camera that renders, in the housing of a D435 on a post behind the table."""
    rotation = rotation_of(optical_pose) * Rotation.from_euler("x", np.pi)
    x, y, z = position_of(optical_pose)
    qx, qy, qz, qw = rotation.as_quat()
    body = ET.SubElement(
        worldbody, "body", name=CAMERA_NAME, pos=f"{x} {y} {z}", quat=f"{qw} {qx} {qy} {qz}"
    )
    fovy_deg = np.degrees(2.0 * np.arctan(intrinsics.height / 2.0 / intrinsics.fy))
    ET.SubElement(body, "camera", name=CAMERA_NAME, fovy=f"{fovy_deg:.10f}")
    part = {"contype": "0", "conaffinity": "0"}
    housing = {"type": "box", "material": "aluminium", **part}
    ET.SubElement(body, "geom", housing, size="0.045 0.0125 0.010", pos="0.0325 0 0.013")
    for side in (-1, 1):
        end = {"type": "cylinder", "material": "aluminium", **part}
        ET.SubElement(
            body, "geom", end, size="0.0125 0.010", pos=f"{0.0325 + side * 0.045} 0 0.013"
        )
    front = {"type": "box", "material": "cell_glass", **part}
    ET.SubElement(body, "geom", front, size="0.043 0.009 0.001", pos="0.0325 0 0.0025")
    back, joint = (
        position_of(optical_pose) + rotation.apply([0.0325, 0.0, z]) for z in (0.02, 0.06)
    )
    ends = " ".join(map(str, [*back, *joint]))
    arm = {"type": "capsule", "material": "cell_dark", "fromto": ends, **part}
    ET.SubElement(worldbody, "geom", arm, size="0.007")
    _add_post(worldbody, *joint)


def _add_table(worldbody: ET.Element) -> None:
    (x, y), (length, width, thick) = TABLE_CENTER, TABLE_SIZE_M
    table = ET.SubElement(worldbody, "body", name="table", pos=f"{x} {y} 0")
    ET.SubElement(
        table,
        "geom",
        name="table_top",
        type="box",
        size=f"{length / 2} {width / 2} {thick / 2}",
        pos=f"0 0 {-thick / 2}",
        material="laminate",
        friction="0.9 0.005 0.0005",
        condim="4",
    )
    decor = {"type": "box", "contype": "0", "conaffinity": "0"}
    edge = {**decor, "material": "cell_dark"}
    ET.SubElement(
        table,
        "geom",
        edge,
        size=f"{length / 2 + 0.001} {width / 2 + 0.001} {thick / 2 - 0.004}",
        pos=f"0 0 {-thick / 2 - 0.003}",
    )
    leg_half = (-FLOOR_Z_M - thick) / 2
    leg = {**decor, "material": "aluminium"}
    for side_x in (-1, 1):
        for side_y in (-1, 1):
            at = f"{side_x * (length / 2 - 0.06)} {side_y * (width / 2 - 0.06)} {-thick - leg_half}"
            ET.SubElement(table, "geom", leg, size=f"0.03 0.03 {leg_half}", pos=at)
    plate = {**decor, "material": "aluminium"}
    ET.SubElement(table, "geom", plate, size="0.14 0.13 0.004", pos=f"{-x - 0.03} 0 -0.0035")


def _add_post(worldbody: ET.Element, x: float, y: float, top_z: float) -> None:
    post = {"type": "box", "material": "aluminium", "contype": "0", "conaffinity": "0"}
    half = (top_z - FLOOR_Z_M) / 2
    ET.SubElement(worldbody, "geom", post, size=f"0.02 0.02 {half}", pos=f"{x} {y} {top_z - half}")
    foot = {**post, "material": "cell_dark"}
    for size in ("0.25 0.025 0.012", "0.025 0.25 0.012"):
        ET.SubElement(worldbody, "geom", foot, size=size, pos=f"{x} {y} {FLOOR_Z_M + 0.012}")


def _add_lamps(worldbody: ET.Element, lighting: Lighting) -> None:
    position = np.asarray(lighting.key_position)
    direction = np.array([0.45, 0.0, 0.0]) - position
    ET.SubElement(
        worldbody,
        "light",
        name="key",
        directional="true",
        pos=_numbers(position),
        dir=_numbers(direction),
        diffuse=_numbers(np.asarray(lighting.key_rgb)),
        specular="0.25 0.25 0.25",
        castshadow="true",
    )
    ET.SubElement(
        worldbody,
        "light",
        name="fill",
        directional="true",
        pos="1.5 1.0 2.0",
        dir="-0.8 -0.4 -1",
        diffuse="0.26 0.26 0.27",
        specular="0.05 0.05 0.05",
        castshadow="false",
    )


def _child(root: ET.Element, tag: str) -> ET.Element:
    found = root.find(tag)
    return found if found is not None else ET.SubElement(root, tag)


def _numbers(values: FloatArray) -> str:
    return " ".join(f"{value:.6f}" for value in values)
