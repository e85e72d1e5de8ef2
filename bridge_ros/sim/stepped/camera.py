"""The simulated D435 on simulated time: exposes at its rate, and delivers late."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from bridge_ros.camera.frame import RGBDFrame
from bridge_ros.expert.loop import PointSource
from bridge_ros.geometry.poses import FloatArray
from bridge_ros.perception.cloud import CloudBuilder, CloudSettings
from bridge_ros.sim.stepped.simulation import SteppedSettings, SteppedSimulation

if TYPE_CHECKING:
    from bridge_ros.sim.rendering.renderer import RgbdRenderer


class SteppedCamera:
    """The camera of one stepped simulation.

    Args:
        simulation: whose world it sees.
        settings: of the simulation: rate, latency and noise.
        clouds: how depth becomes points.
        seed: of the depth noise.
    """

    def __init__(
        self,
        simulation: SteppedSimulation,
        settings: SteppedSettings,
        clouds: CloudSettings,
        *,
        seed: int,
    ) -> None:
        self._simulation = simulation
        self._settings = settings
        stride = max(1, clouds.stride // settings.camera_binning)
        self._clouds = CloudBuilder(replace(clouds, stride=stride))
        self._seed = seed
        self._renderers: dict[int, RgbdRenderer] = {}
        self._exposed: list[tuple[float, FloatArray]] = []
        self._next_exposure_s = 0.0

    def frame(self) -> RGBDFrame:
        """What it sees now."""
        return self._render(self._simulation.data.qpos, binning=1)

    def blank(self) -> RGBDFrame:
        """A frame of the right size that shows nothing, for who does not look."""
        intrinsics = self._simulation.world.intrinsics
        size = (intrinsics.height, intrinsics.width)
        return RGBDFrame(
            rgb=np.zeros((*size, 3), dtype=np.uint8),
            depth_m=np.zeros(size, dtype=np.float32),
            intrinsics=intrinsics,
            stamp_s=self._simulation.time_s,
        )

    def arrivals(self) -> list[tuple[float, PointSource]]:
        """Stamps and clouds of the depth images that have arrived since the last call.

        Must be called every control period, for that is also when images are taken.
        """
        now_s, s = self._simulation.time_s, self._settings
        if now_s >= self._next_exposure_s - 1e-9:
            self._exposed.append((now_s, self._simulation.data.qpos.copy()))
            self._next_exposure_s = now_s + s.camera_period_s
        arrived: list[tuple[float, PointSource]] = []
        while self._exposed and now_s - self._exposed[0][0] >= s.camera_latency_s - 1e-9:
            stamp_s, qpos = self._exposed.pop(0)
            arrived.append((stamp_s, partial(self._cloud, qpos)))
        return arrived

    def close(self) -> None:
        """Free the renderer; safe to call at any time."""
        for renderer in self._renderers.values():
            renderer.close()
        self._renderers.clear()

    def _cloud(self, qpos: FloatArray) -> NDArray[np.float32]:
        frame = self._render(qpos, binning=self._settings.camera_binning)
        return self._clouds.build(
            frame.depth_m, frame.intrinsics, self._simulation.world.optical_pose
        )

    def _render(self, qpos: FloatArray, *, binning: int) -> RGBDFrame:
        if binning not in self._renderers:
            from bridge_ros.sim.rendering.d435 import D435_NOISE
            from bridge_ros.sim.rendering.renderer import RgbdRenderer

            world = self._simulation.world
            self._renderers[binning] = RgbdRenderer(
                world,
                noise=D435_NOISE if self._settings.depth_noise else None,
                seed=self._seed,
                intrinsics=world.intrinsics.binned(binning),
            )
        return self._renderers[binning].render(qpos, self._simulation.time_s)
