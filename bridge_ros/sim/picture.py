"""A large picture of the cell with shadows, for people: README, posters, checks by eye."""

from __future__ import annotations

import argparse
import copy
from collections.abc import Sequence
from pathlib import Path
from typing import cast

import mujoco
import numpy as np
from numpy.typing import ArrayLike, NDArray
from PIL import Image

from bridge_ros.errors import ConfigError
from bridge_ros.sim.gl_context import make_gl_context
from bridge_ros.sim.registry import make_scene
from bridge_ros.sim.world import World

_SAMPLES = 8
_FILL_LIGHT = 0.14
_SHADOW_SIZE = 8192


def take_picture(
    world: World,
    qpos: ArrayLike,
    *,
    width: int = 1600,
    height: int = 1000,
    look_at: tuple[float, float, float] = (0.40, 0.06, 0.24),
    distance_m: float = 1.85,
    azimuth_deg: float = 148.0,
    elevation_deg: float = -21.0,
) -> NDArray[np.uint8]:
    """Render a state of the cell from outside, antialiased and with shadows; takes about a second.

    Args:
        world: the cell.
        qpos: `(nq,)` its state, e.g. `world.new_data().qpos`.
        width: of the picture [px].
        height: of the picture [px].
        look_at: point in the middle of the picture, base frame [m].
        distance_m: from that point.
        azimuth_deg: where the camera looks to, about z, from x.
        elevation_deg: where it looks to against the horizon; negative looks down.

    Returns:
        `(height, width, 3)` RGB.

    Raises:
        ConfigError: for an impossible size.
        CameraError: if nothing can render here.
    """
    if not (0 < width <= 4096 and 0 < height <= 4096):
        raise ConfigError(f"picture: expected 1 to 4096 pixels a side, got {width}x{height}")
    model = copy.copy(world.model)
    model.vis.global_.offwidth, model.vis.global_.offheight = width, height
    model.vis.quality.offsamples, model.vis.quality.shadowsize = _SAMPLES, _SHADOW_SIZE
    model.vis.headlight.ambient[:] += _FILL_LIGHT
    data = mujoco.MjData(model)
    data.qpos[:] = np.asarray(qpos, dtype=np.float64)
    mujoco.mj_forward(model, data)
    camera = mujoco.MjvCamera()
    camera.type = mujoco.mjtCamera.mjCAMERA_FREE
    camera.lookat, camera.distance = look_at, distance_m
    camera.azimuth, camera.elevation = azimuth_deg, elevation_deg
    scene = mujoco.MjvScene(model, maxgeom=2000)
    mujoco.mjv_updateScene(
        model, data, mujoco.MjvOption(), None, camera, mujoco.mjtCatBit.mjCAT_ALL, scene
    )
    rect = mujoco.MjrRect(0, 0, width, height)
    image = np.empty((height, width, 3), dtype=np.uint8)
    gl = make_gl_context(width, height)
    try:
        gl.make_current()
        context = mujoco.MjrContext(model, mujoco.mjtFontScale.mjFONTSCALE_100)
        mujoco.mjr_setBuffer(mujoco.mjtFramebuffer.mjFB_OFFSCREEN, context)
        mujoco.mjr_render(rect, scene, context)
        mujoco.mjr_readPixels(image, None, rect, context)
        context.free()
    finally:
        gl.free()
    return cast(NDArray[np.uint8], np.flipud(image).copy())


def main(argv: Sequence[str] | None = None) -> None:
    """Entry point of `python -m bridge_ros.sim.picture`."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path, help="PNG file to write")
    parser.add_argument("--scene", default="tabletop", help="its name (tabletop)")
    parser.add_argument("--seed", type=int, default=0, help="its seed (0)")
    arguments = parser.parse_args(argv)
    world = World(make_scene(arguments.scene, arguments.seed))
    Image.fromarray(take_picture(world, world.new_data().qpos)).save(arguments.out)


if __name__ == "__main__":
    main()
