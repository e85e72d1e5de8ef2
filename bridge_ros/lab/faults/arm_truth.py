"""Where the simulated arm really is, whatever the controller says: read from the state link."""

from __future__ import annotations

import math
import threading
from collections import deque

import mujoco
import numpy as np

from bridge_ros.errors import CameraError
from bridge_ros.geometry.poses import FloatArray
from bridge_ros.lab.faults.measurement import Track
from bridge_ros.priority import run_in_foreground
from bridge_ros.sim.live.state_link import StateLinkClient
from bridge_ros.sim.world import World

_TIMEOUT_S = 1.0
_SPEED_S = 0.1
_AT_MOST = 100
_KEPT = 60_000
"""States, five minutes of them."""


class ArmTruth:
    """Follows the simulator's state in a thread of its own, and comes back to it when it was gone.

    Args:
        world: the simulated one.
        host, port: of the state link.
    """

    def __init__(self, world: World, host: str, port: int) -> None:
        self._world = world
        self._address = host, port
        self._data = mujoco.MjData(world.model)
        self._samples: deque[tuple[float, float, FloatArray]] = deque(maxlen=_KEPT)
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._run, name="arm truth", daemon=True)

    def __enter__(self) -> ArmTruth:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._closing.set()
        self._thread.join()

    @property
    def position(self) -> FloatArray:
        """The tool centre point `(3,)` in base [m]; not numbers before the first state."""
        return self._samples[-1][2] if self._samples else np.full(3, math.nan)

    def speed_m_s(self) -> float:
        """Over the last `_SPEED_S`."""
        samples = list(self._samples)[-_AT_MOST:]
        newest = [sample for sample in samples if sample[0] >= samples[-1][0] - _SPEED_S]
        if len(newest) < 2 or newest[-1][0] <= newest[0][0]:
            return 0.0
        way = newest[-1][2] - newest[0][2]
        return float(np.linalg.norm(way)) / (newest[-1][0] - newest[0][0])

    def track(self, since_s: float) -> Track:
        """All from that moment on, of the state's own stamps."""
        samples = [sample for sample in list(self._samples) if sample[0] >= since_s]
        return Track(
            times_s=np.array([stamp_s for stamp_s, _, _ in samples]),
            robot_times_s=np.array([time_s for _, time_s, _ in samples]),
            positions=np.array([position for _, _, position in samples]).reshape(-1, 3),
        )

    def _run(self) -> None:
        run_in_foreground()
        while not self._closing.is_set():
            try:
                link = StateLinkClient(*self._address, timeout_s=_TIMEOUT_S)
            except CameraError:
                self._closing.wait(0.1)
                continue
            try:
                self._follow(link)
            except CameraError:
                continue
            finally:
                link.close()

    def _follow(self, link: StateLinkClient) -> None:
        after_s = 0.0
        while not self._closing.is_set():
            state = link.newest(after_s=after_s, timeout_s=_TIMEOUT_S)
            after_s = state.stamp_s
            self._data.qpos = state.qpos
            mujoco.mj_kinematics(self._world.model, self._data)
            position, _ = self._world.tcp_frame(self._data)
            self._samples.append((state.stamp_s, state.time_s, position))
