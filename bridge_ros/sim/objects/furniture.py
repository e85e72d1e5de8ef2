"""Things that are bolted to the table and have moving parts: a cabinet with a drawer."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from bridge_ros.geometry.poses import FloatArray, compose, position_of, rotation_of
from bridge_ros.sim.objects.mjcf import Rgb, numbers, quaternion, shade, solid, visual

_BOARD_M = 0.008
_GAP_M = 0.003


class Furniture(Protocol):
    """What a scene can bolt to the table."""

    @property
    def name(self) -> str:
        """Of its body; unique in the scene."""

    def handle_pose(self, opening_m: float) -> FloatArray:
        """`(7,)` pose of its handle in base, at a position of its slide joint."""

    def to_mjcf(self) -> ET.Element:
        """Its body and all of its parts."""


@dataclass(frozen=True, kw_only=True)
class Cabinet:
    """A cabinet with one drawer over a closed base; its frame is on the table, under its middle.

    The drawer's front faces along the frame's x axis; its slide joint has the cabinet's name.

    Attributes:
        name: unique, e.g. "drawer".
        size_m: `(depth, width, height)` of the outside.
        front_height_m: of the drawer's front, from the top down.
        handle_width_m: length of the bar.
        handle_reach_m: from the front to the middle of the bar.
        travel_m: how far the drawer slides out.
        rgb: of the boards; the drawer's front is lighter.
        pose: `(7,)` of the frame, base frame.
    """

    name: str
    size_m: tuple[float, float, float]
    front_height_m: float
    handle_width_m: float
    handle_reach_m: float
    travel_m: float
    rgb: Rgb
    pose: FloatArray

    HANDLE_THICKNESS_M = 0.012
    TOP_INSET_M = 0.010

    @property
    def handle_local_m(self) -> FloatArray:
        """`(3,)` the middle of the bar of the closed drawer, in the cabinet's frame."""
        depth, _, height = self.size_m
        z = height - self.TOP_INSET_M - self.HANDLE_THICKNESS_M / 2 - 0.004
        return np.array([depth / 2 + self.handle_reach_m, 0.0, z])

    def handle_pose(self, opening_m: float) -> FloatArray:
        """See `Furniture`."""
        at = self.handle_local_m + [opening_m, 0.0, 0.0]
        return compose(self.pose, np.array([*at, 0.0, 0.0, 0.0, 1.0]))

    def to_mjcf(self) -> ET.Element:
        """Its body: static boards, and a drawer on a slide joint."""
        body = ET.Element(
            "body",
            name=self.name,
            pos=numbers(position_of(self.pose)),
            quat=quaternion(rotation_of(self.pose)),
        )
        depth, width, height = self.size_m
        board, bottom = _BOARD_M, height - self.front_height_m
        for side in (-1, 1):
            half = (depth / 2, board / 2, height / 2)
            at = (0.0, side * (width - board) / 2, height / 2)
            solid(body, self.rgb, type="box", size=numbers(half), pos=numbers(at))
        inner = width / 2 - board
        half, at = (depth / 2, inner, board / 2), (0.0, 0.0, height - board / 2)
        solid(body, shade(self.rgb, 1.06), type="box", size=numbers(half), pos=numbers(at))
        half, at = (board / 2, inner, height / 2 - board), (-(depth - board) / 2, 0.0, height / 2)
        solid(body, self.rgb, type="box", size=numbers(half), pos=numbers(at))
        if bottom > 2 * _GAP_M:
            half, at = (
                (depth / 2 - 0.004, inner, bottom / 2 - _GAP_M),
                (0.0, 0.0, bottom / 2 - _GAP_M),
            )
            solid(body, shade(self.rgb, 0.85), type="box", size=numbers(half), pos=numbers(at))
        self._add_drawer(body)
        return body

    def _add_drawer(self, cabinet: ET.Element) -> None:
        depth, width, height = self.size_m
        drawer = ET.SubElement(cabinet, "body", name=f"{self.name} drawer")
        ET.SubElement(
            drawer,
            "joint",
            name=self.name,
            type="slide",
            axis="1 0 0",
            range=f"0 {self.travel_m}",
            damping="5",
            frictionloss="1.5",
            armature="0.05",
        )
        inertia = numbers((1e-3, 2e-3, 2e-3))
        middle = numbers((0.0, 0.0, height - self.front_height_m / 2))
        ET.SubElement(drawer, "inertial", mass="0.5", pos=middle, diaginertia=inertia)
        board, clear = _BOARD_M, _BOARD_M + _GAP_M
        front_half = (self.front_height_m - self.TOP_INSET_M) / 2
        front_z = height - self.TOP_INSET_M - front_half
        front_x = depth / 2 - board / 2
        light = shade(self.rgb, 1.22)
        half, at = (board / 2, width / 2 - clear, front_half), (front_x, 0.0, front_z)
        solid(drawer, light, type="box", size=numbers(half), pos=numbers(at))
        length = depth - 2 * clear - board
        x = front_x - board / 2 - length / 2
        low = front_z - front_half
        half, at = (length / 2, width / 2 - clear - board, 0.003), (x, 0.0, low + 0.005)
        solid(drawer, self.rgb, type="box", size=numbers(half), pos=numbers(at))
        for side in (-1, 1):
            half = (length / 2, board / 2, front_half * 0.7)
            at = (x, side * (width / 2 - clear - board / 2), low + front_half * 0.7)
            solid(drawer, self.rgb, type="box", size=numbers(half), pos=numbers(at))
        self._add_handle(drawer)

    def _add_handle(self, drawer: ET.Element) -> None:
        x, _, z = self.handle_local_m
        steel, thick = (0.50, 0.51, 0.54), self.HANDLE_THICKNESS_M
        half_width = self.handle_width_m / 2
        bar = numbers((thick / 2, half_width, thick / 2))
        solid(drawer, steel, type="box", size=bar, pos=numbers((x, 0.0, z)))
        reach = self.handle_reach_m / 2
        for side in (-1, 1):
            at = numbers((x - reach, side * (half_width - 0.004), z))
            solid(drawer, steel, type="box", size=numbers((reach, 0.004, 0.004)), pos=at)
        visual(
            drawer,
            shade(steel, 0.8),
            type="capsule",
            size="0.0030",
            fromto=numbers((x, -half_width, z + thick / 2, x, half_width, z + thick / 2)),
        )
