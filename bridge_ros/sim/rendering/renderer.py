"""Renders what the simulated D435 sees: colour and depth from one pass of one GL context."""

from __future__ import annotations

import copy
from types import TracebackType

import mujoco
import numpy as np
from numpy.typing import ArrayLike, NDArray

from bridge_ros.camera.frame import RGBDFrame
from bridge_ros.errors import CameraError
from bridge_ros.geometry.intrinsics import Intrinsics
from bridge_ros.sim.rendering.coarse_meshes import coarsen_meshes
from bridge_ros.sim.rendering.d435 import D435_NOISE, DepthNoise
from bridge_ros.sim.rendering.gl_context import make_gl_context
from bridge_ros.sim.workcell import CAMERA_NAME
from bridge_ros.sim.world import World

_MAX_GEOMS = 2000
_MESH_CELL_M = 0.002
"""A little more than a pixel at a metre."""
_HIDDEN_GROUP = 3
_SLANT = 1.3
"""How much further than its radius a sphere reaches over the slanted edge of the view."""


class RgbdRenderer:
    """The D435 of one world. Use from one thread, and close it (or use `with`).

    Shadows are off: they would cost ten times as much.

    Args:
        world: what to render.
        noise: what stereo does to depth; None gives true depth, not quantised.
        seed: of the depth noise.
        intrinsics: another number of pixels for the same view; the world's own by default.

    Raises:
        CameraError: if neither EGL nor OSMesa can render here.
    """

    def __init__(
        self,
        world: World,
        *,
        noise: DepthNoise | None = D435_NOISE,
        seed: int = 0,
        intrinsics: Intrinsics | None = None,
    ) -> None:
        self._world = world
        self._intrinsics = size = intrinsics or world.intrinsics
        # A copy of our own: which geoms are shown changes with every frame.
        self._model = copy.copy(world.model)
        self._model.vis.global_.offwidth, self._model.vis.global_.offheight = (
            size.width,
            size.height,
        )
        coarsen_meshes(self._model, _MESH_CELL_M)
        self._groups = world.model.geom_group.copy()
        self._noise = noise
        self._rng = np.random.default_rng(seed)
        self._data = mujoco.MjData(self._model)
        self._rgb = np.empty((size.height, size.width, 3), dtype=np.uint8)
        self._buffer = np.empty((size.height, size.width), dtype=np.float32)
        self._rect = mujoco.MjrRect(0, 0, size.width, size.height)
        self._scene = mujoco.MjvScene(self._model, maxgeom=_MAX_GEOMS)
        self._scene.flags[mujoco.mjtRndFlag.mjRND_SHADOW] = False
        for flag in ("REFLECTION", "SKYBOX"):
            self._scene.flags[getattr(mujoco.mjtRndFlag, f"mjRND_{flag}")] = False
        self._options = mujoco.MjvOption()
        self._camera = mujoco.MjvCamera()
        self._camera.type = mujoco.mjtCamera.mjCAMERA_FIXED
        self._camera.fixedcamid = world.model.camera(CAMERA_NAME).id
        self._gl = make_gl_context(size.width, size.height)
        self._gl.make_current()
        self._context: mujoco.MjrContext | None = mujoco.MjrContext(
            self._model, mujoco.mjtFontScale.mjFONTSCALE_100
        )
        mujoco.mjr_setBuffer(mujoco.mjtFramebuffer.mjFB_OFFSCREEN, self._context)
        self._context.readDepthMap = mujoco.mjtDepthMap.mjDEPTH_ZEROFAR

    def render(self, qpos: ArrayLike, stamp_s: float) -> RGBDFrame:
        """What the camera sees of a state.

        Args:
            qpos: `(nq,)` the world's generalised positions.
            stamp_s: seconds since the epoch of that state; becomes the frame's.

        Raises:
            CameraError: if `qpos` is not of this world, or the renderer is closed.
        """
        self._draw(qpos)
        mujoco.mjr_readPixels(self._rgb, self._buffer, self._rect, self._context)
        depth_m = self._metres(np.flipud(self._buffer))
        if self._noise is not None:
            depth_m = self._noise.apply(depth_m, self._intrinsics, self._rng)
        return RGBDFrame(
            rgb=np.flipud(self._rgb).copy(),
            depth_m=depth_m,
            intrinsics=self._intrinsics,
            stamp_s=stamp_s,
        )

    def object_masks(self, qpos: ArrayLike) -> dict[str, NDArray[np.bool_]]:
        """For each object, `(H, W)` the pixels where it is seen; the truth that tests need."""
        flags = self._scene.flags
        flags[mujoco.mjtRndFlag.mjRND_SEGMENT] = True
        flags[mujoco.mjtRndFlag.mjRND_IDCOLOR] = True
        try:
            self._draw(qpos)
            image = np.empty_like(self._rgb)
            mujoco.mjr_readPixels(image, None, self._rect, self._context)
        finally:
            flags[mujoco.mjtRndFlag.mjRND_SEGMENT] = False
            flags[mujoco.mjtRndFlag.mjRND_IDCOLOR] = False
        segments = np.flipud(image).astype(np.int64) @ [1, 1 << 8, 1 << 16] - 1
        model = self._model
        bodies = np.full(self._scene.ngeom + 1, -1)
        for geom in self._scene.geoms[: self._scene.ngeom]:
            if geom.segid >= 0 and geom.objtype == mujoco.mjtObj.mjOBJ_GEOM:
                bodies[geom.segid] = model.geom_bodyid[geom.objid]
        seen = bodies[segments]
        return {
            thing.name: seen == model.body(thing.name).id for thing in self._world.scene.objects
        }

    def close(self) -> None:
        """Free the context; safe to call at any time."""
        if self._context is not None:
            self._gl.make_current()
            self._context.free()
            self._context = None
            self._gl.free()

    def __enter__(self) -> RgbdRenderer:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _draw(self, qpos: ArrayLike) -> None:
        if self._context is None:
            raise CameraError("renderer: expected it to be open, but it was closed")
        positions = np.asarray(qpos, dtype=np.float64)
        if positions.shape != self._data.qpos.shape or not np.isfinite(positions).all():
            raise CameraError(
                f"renderer: expected {self._data.qpos.size} finite positions, "
                f"got shape {positions.shape}"
            )
        model = self._model
        self._data.qpos[:] = positions
        mujoco.mj_kinematics(model, self._data)
        mujoco.mj_camlight(model, self._data)
        self._hide_what_is_out_of_view()
        mujoco.mjv_updateScene(
            model,
            self._data,
            self._options,
            None,
            self._camera,
            mujoco.mjtCatBit.mjCAT_ALL,
            self._scene,
        )
        self._gl.make_current()
        mujoco.mjr_render(self._rect, self._scene, self._context)

    def _hide_what_is_out_of_view(self) -> None:
        """The arm's meshes are most of the cost, and mostly out of the image."""
        model, data, size = self._model, self._data, self._intrinsics
        camera = self._camera.fixedcamid
        axes = data.cam_xmat[camera].reshape(3, 3)
        right, up, out = ((data.geom_xpos - data.cam_xpos[camera]) @ axes).T
        radius = model.geom_rbound
        forward = np.maximum(-out, 0.0)
        beside = np.abs(right) - forward * (size.width / 2 / size.fx)
        above = np.abs(up) - forward * (size.height / 2 / size.fy)
        # A plane has no bounding sphere (radius 0), and is always drawn.
        hidden = (np.maximum(beside, above) > _SLANT * radius) & (radius > 0.0)
        model.geom_group[:] = np.where(hidden, _HIDDEN_GROUP, self._groups)

    def _metres(self, buffer: NDArray[np.float32]) -> NDArray[np.float32]:
        """Distance along the optical axis from MuJoCo's reversed depth buffer (0 far, 1 near)."""
        model = self._model
        near = model.vis.map.znear * model.stat.extent
        far = model.vis.map.zfar * model.stat.extent
        inverse = buffer * np.float32(1.0 / near - 1.0 / far) + np.float32(1.0 / far)
        return np.asarray(np.float32(1.0) / inverse, dtype=np.float32)
