"""The simulated D435 as a frame source: renders the newest state in the caller's process."""

from __future__ import annotations

import time
from dataclasses import dataclass

from bridge_ros.camera.frame import RGBDFrame
from bridge_ros.errors import CameraError, ConfigError
from bridge_ros.sim.live.state_link import Hello, StateLinkClient
from bridge_ros.sim.registry import make_scene
from bridge_ros.sim.rendering.d435 import D435_NOISE, DepthNoise
from bridge_ros.sim.rendering.renderer import RgbdRenderer
from bridge_ros.sim.world import World

_CONNECT_TIMEOUT_S = 1.0
_RETRY_PAUSE_S = 0.1


@dataclass(frozen=True, kw_only=True)
class _Rendered:
    """A world, as greeted, and its renderer."""

    hello: Hello
    renderer: RgbdRenderer


class SimCamera:
    """Implements `FrameSource` by rendering a copy of the simulator's world.

    It renders here, and not in the simulator, so that the 1 kHz loop never waits for it. A frame's
    stamp is when its state was sampled. `read` reconnects by itself when the simulator comes back,
    also with another scene.

    Args:
        host, port: of the simulator's state link.
        rate_hz: frames a second, at most; fewer where rendering takes longer.
        start_timeout_s: how long `start` waits for the simulator.
        noise: what stereo does to depth.
    """

    def __init__(
        self,
        host: str = "127.0.0.1",
        port: int = 10001,
        rate_hz: float = 12.0,
        *,
        start_timeout_s: float = 20.0,
        noise: DepthNoise = D435_NOISE,
    ) -> None:
        if rate_hz <= 0.0:
            raise ConfigError(f"camera rate_hz: expected more than 0, got {rate_hz}")
        self._host, self._port = host, port
        self._period_s = 1.0 / rate_hz
        self._start_timeout_s = start_timeout_s
        self._noise = noise
        self._link: StateLinkClient | None = None
        self._rendered: _Rendered | None = None
        self._due_s = 0.0
        self._last_stamp_s = 0.0

    def start(self) -> None:
        """Wait for the simulator, and warm the renderer."""
        deadline_s = time.monotonic() + self._start_timeout_s
        while True:
            try:
                self.read(_CONNECT_TIMEOUT_S)
                return
            except CameraError as error:
                if time.monotonic() > deadline_s:
                    raise CameraError(
                        f"{error}; expected a running simulator there: start `sim_node`, or name "
                        "its address (`sim_host`, `sim_port` in config/camera.yaml)"
                    ) from error
                time.sleep(_RETRY_PAUSE_S)

    def read(self, timeout_s: float) -> RGBDFrame:
        """Wait until the next frame is due and render the newest state."""
        deadline_s = time.monotonic() + timeout_s
        wait_s = min(self._due_s - time.monotonic(), timeout_s)
        if wait_s > 0.0:
            time.sleep(wait_s)
        self._due_s = max(self._due_s + self._period_s, time.monotonic())
        try:
            link = self._connected(max(0.01, deadline_s - time.monotonic()))
            state = link.newest(
                after_s=self._last_stamp_s, timeout_s=max(0.01, deadline_s - time.monotonic())
            )
            rendered = self._world_of(link.hello)
            frame = rendered.renderer.render(state.qpos, state.stamp_s)
        except CameraError:
            self._disconnect()
            raise
        self._last_stamp_s = state.stamp_s
        return frame

    def stop(self) -> None:
        """Disconnect and free the renderer; safe to call at any time."""
        self._disconnect()
        if self._rendered is not None:
            self._rendered.renderer.close()
            self._rendered = None

    def _connected(self, timeout_s: float) -> StateLinkClient:
        if self._link is None:
            self._link = StateLinkClient(
                self._host, self._port, timeout_s=min(timeout_s, _CONNECT_TIMEOUT_S)
            )
        return self._link

    def _disconnect(self) -> None:
        if self._link is not None:
            self._link.close()
            self._link = None

    def _world_of(self, hello: Hello) -> _Rendered:
        if self._rendered is not None and self._rendered.hello == hello:
            return self._rendered
        if self._rendered is not None:
            self._rendered.renderer.close()
            self._rendered = None
        try:
            world = World(make_scene(hello.scene, hello.seed))
        except ConfigError as error:
            raise CameraError(f"simulator: its world cannot be built here: {error}") from error
        if world.model.nq != hello.nq:
            raise CameraError(
                f"simulator: expected {world.model.nq} positions for scene {hello.scene}, "
                f"it sends {hello.nq}; run one version of both"
            )
        renderer = RgbdRenderer(world, noise=self._noise, seed=hello.seed)
        self._rendered = _Rendered(hello=hello, renderer=renderer)
        return self._rendered
