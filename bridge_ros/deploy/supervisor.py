"""Runs a deployment without ROS's launch: starts nodes, restarts what dies, ends all of them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from bridge_ros.deploy.deployment import NodeSpec
from bridge_ros.deploy.middleware import DISCOVERY, PROFILE, middleware_environment
from bridge_ros.deploy.shared_memory import remove_orphans
from bridge_ros.settings.resources import resource_path

_POLL_S = 0.05
_STOP_GRACE_S = 6.0
_RESTART_DELAYS_S = (0.2, 0.5, 1.0, 2.0, 5.0)
_STEADY_AFTER_S = 30.0
_BROKEN_AFTER = 3


def enter_ros_environment() -> None:
    """Give this process the middleware settings of the nodes; before rclpy is imported."""
    os.environ.update(ros_environment())


def ros_environment(middleware_file: Path | None = None) -> dict[str, str]:
    """The environment for our processes: how they talk, and with whom.

    What the user has set stays as it is.

    Args:
        middleware_file: profile of Fast DDS; None for one with shared memory for images.
    """
    environment = dict(os.environ)
    environment.setdefault(DISCOVERY, "LOCALHOST")
    own = resource_path("config/fastdds.xml")
    before = environment.get(PROFILE)
    if before is None or Path(before).parent == own.parent:
        environment |= middleware_environment(middleware_file or own, environment)
    # Small matrices in many processes on few cores: threads would only get in each other's way.
    environment.setdefault("OPENBLAS_NUM_THREADS", "1")
    environment.setdefault("OMP_NUM_THREADS", "1")
    return environment


@dataclass
class _Child:
    spec: NodeSpec
    process: subprocess.Popen[bytes]
    log: IO[bytes] | None
    started_s: float
    failures: int = 0
    restart_at_s: float | None = None


@dataclass
class Supervisor:
    """Keeps the processes of a deployment running.

    Attributes:
        specs: what to run.
        log_dir: for one `<name>.log` a node; None leaves their output on the terminal.
        on_event: told in one line what was restarted and why.
    """

    specs: Sequence[NodeSpec]
    log_dir: Path | None = None
    on_event: Callable[[str], None] = lambda _: None
    _children: dict[str, _Child] = field(default_factory=dict)
    _stopping: threading.Event = field(default_factory=threading.Event)
    _stopped: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None

    def start(self) -> None:
        """Start every node, and the thread that watches them."""
        if self.log_dir is not None:
            self.log_dir.mkdir(parents=True, exist_ok=True)
        for spec in self.specs:
            self._children[spec.name] = self._spawn(spec)
        self._thread = threading.Thread(target=self._watch, name="supervisor", daemon=True)
        self._thread.start()

    def pid(self, name: str) -> int:
        """The process id of a node."""
        return self._children[name].process.pid

    def broken(self) -> str | None:
        """A node that keeps ending soon after its start, in words; None while all is well."""
        for name, child in list(self._children.items()):
            if child.failures >= _BROKEN_AFTER:
                where = f"; see {self.log_dir / name}.log" if self.log_dir else ""
                return f"the {name} node keeps ending{where}"
        return None

    def stop(self) -> None:
        """Ask every node to stop, the controller first; kill what does not in time; clean up."""
        self._stopping.set()
        children = sorted(self._children.values(), key=lambda c: c.spec.name != "controller")
        for child in children:
            if child.process.poll() is None:
                child.process.send_signal(signal.SIGINT)
                if child.spec.name == "controller":
                    _wait(child.process, _STOP_GRACE_S)
        deadline = time.monotonic() + _STOP_GRACE_S
        for child in children:
            _wait(child.process, max(0.0, deadline - time.monotonic()))
            if child.process.poll() is None:
                self.on_event(f"{child.spec.name} did not stop in time and was killed")
                child.process.kill()
                child.process.wait()
            if child.log is not None:
                child.log.close()
        self._children.clear()
        self._stopped.set()
        if self._thread is not None:
            self._thread.join()
        remove_orphans()

    def __enter__(self) -> Supervisor:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _spawn(self, spec: NodeSpec) -> _Child:
        # A node must not outlive us, however we die: an arm without its supervisor has no stop.
        command = ["setpriv", "--pdeathsig", "INT", sys.executable, "-m", spec.module]
        command += ["--ros-args", "-r", f"__node:={spec.name}"]
        command += ["--params-file", str(spec.parameter_file)]
        for name, value in spec.overrides.items():
            text = str(value).lower() if isinstance(value, bool) else str(value)
            command += ["-p", f"{name}:={text}"]
        log = None
        if self.log_dir is not None:
            log = (self.log_dir / f"{spec.name}.log").open("ab")
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT if log is not None else None,
            env=ros_environment(spec.middleware_file),
            # Ctrl-C reaches us alone, so that the nodes stop in our order.
            start_new_session=True,
        )
        return _Child(spec=spec, process=process, log=log, started_s=time.monotonic())

    def _watch(self) -> None:
        # The thread stays until all is stopped: a child that it restarted gets its parent-death
        # signal when this thread ends, not when the process does.
        while not self._stopped.wait(_POLL_S):
            if self._stopping.is_set():
                continue
            now = time.monotonic()
            for name, child in list(self._children.items()):
                code = child.process.poll()
                if code is None:
                    if now - child.started_s > _STEADY_AFTER_S:
                        child.failures = 0
                elif child.restart_at_s is None:
                    delay = _RESTART_DELAYS_S[min(child.failures, len(_RESTART_DELAYS_S) - 1)]
                    child.restart_at_s = now + delay
                    self.on_event(f"{name} {_describe(code)}; restarting it in {delay:g} s")
                elif now >= child.restart_at_s:
                    if child.log is not None:
                        child.log.close()
                    failures = child.failures + 1
                    self._children[name] = self._spawn(child.spec)
                    self._children[name].failures = failures


def _wait(process: subprocess.Popen[bytes], timeout_s: float) -> None:
    try:
        process.wait(timeout_s)
    except subprocess.TimeoutExpired:
        return


def _describe(code: int) -> str:
    if code < 0:
        return f"was ended by {signal.Signals(-code).name}"
    return f"ended with status {code}"
