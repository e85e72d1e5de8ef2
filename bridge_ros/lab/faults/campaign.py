"""Runs one fault after the other: into motion, inject, watch, undo, recover, next sentence."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from bridge_ros.errors import BridgeError
from bridge_ros.lab.faults import measurement
from bridge_ros.lab.faults.fault import Expectation, Fault
from bridge_ros.lab.faults.measurement import Said
from bridge_ros.lab.faults.system_under_test import SystemUnderTest
from bridge_ros.lab.faults.verdict import Result

SENTENCE = "pick up the red cube"
_FAST_M_S = 0.10
"""The arm moves for good."""
_MOVES_M_S = 0.05
_LATEST_S = 0.5
"""After that it may take so long, by chance, until the fault."""
_GO_ON_S = 6.0
"""After the fault, a task may take so long to end by itself before a person ends it."""
_SETTLE_S = 0.5
_TRIES = 3
"""To get a system into motion at all, before that counts against the fault."""


def run_campaign(
    faults: Sequence[Fault],
    *,
    host: str,
    seed: int,
    logs: Path,
    on_event: Callable[[str], None],
) -> Iterator[Result]:
    """The results, as they come.

    Args:
        host: loopback address of the simulated devices; that of the proxies is the next one.
        seed: of the scene, and of the moments at which faults come.
        on_event: told in one line what happens.

    Raises:
        BridgeError: if the deployment does not come up.
    """
    chance = random.Random(seed)
    waiting, tries = list(faults), 0
    while waiting:
        on_event("starting the simulated cell and the nodes")
        with SystemUnderTest(host, seed, logs) as system:
            system.supervisor.on_event = on_event
            system.recover()
            while waiting:
                fault = waiting[0]
                on_event(f"{fault.name}: {fault.what}")
                trial = _Trial(system, fault, chance.uniform(0.0, _LATEST_S))
                result = trial.run()
                tries += 1
                if not trial.injected and tries < _TRIES:
                    on_event(f"the system was not fit for that: {result.trouble}; starting it anew")
                    break
                waiting.pop(0)
                tries = 0
                trial.track.save(logs.parent / "tracks" / f"{fault.name}.npz")
                yield result
                if result.trouble:
                    on_event("starting anew after that")
                    break


class _Trial:
    """One fault in a system that is ready.

    Attributes:
        injected: whether it came to that.
        track: where the arm was, in seconds from the fault on.
    """

    def __init__(self, system: SystemUnderTest, fault: Fault, wait_s: float) -> None:
        self._system = system
        self._fault = fault
        self._wait_s = wait_s
        self._fault_s = self._undone_s = time.time()
        self._said: tuple[Said, ...] = ()
        self._person: tuple[str, ...] = ()
        self._ready_s: float | None = None
        self._next_tries = 0
        self._pace: float | None = None
        self.injected = False
        self.track = system.truth.track(self._fault_s)

    def run(self) -> Result:
        trouble = ""
        try:
            self._system.renew_client()
            self._system.recover()
            self._system.go_home()
            self._fault.prepare(self._system)
            self._suffer()
            self._carry_on()
        except BridgeError as error:
            trouble = str(error)
        return self._result(trouble)

    def _suffer(self) -> None:
        system, fault = self._system, self._fault
        refused = fault.expect is Expectation.REFUSE
        if not refused:
            system.bring_into_motion(SENTENCE, _FAST_M_S)
            time.sleep(self._wait_s)
        self._fault_s = self._undone_s = time.time()
        self.injected = True
        fault.inject(system)
        try:
            if refused:
                time.sleep(_SETTLE_S)
                said_s = time.time()
                system.client.say(SENTENCE)
                system.client.wait(
                    lambda: system.failed(said_s), fault.lasts_s, "the planner's refusal"
                )
            else:
                time.sleep(fault.lasts_s)
        finally:
            self._undone_s = time.time()
            self._said = system.client.said
            self._pace = system.client.slowest_real_time_factor(since_s=self._fault_s - 1.0)
            fault.undo(system)

    def _carry_on(self) -> None:
        """The next sentence, as soon as it can be given."""
        system = self._system
        if self._fault.ends_process:
            system.renew_client()
        deadline_s = time.time() + _GO_ON_S
        # A task that goes on by itself is not left to grasp what the next sentence is about.
        while system.has_task() and not system.is_active() and time.time() < deadline_s:
            time.sleep(0.05)
        if system.has_task():
            system.end_task()
        self._person = system.recover()
        self._ready_s = time.time() - self._undone_s
        self._next_tries, also_done = system.bring_into_motion(SENTENCE, _MOVES_M_S)
        self._person += also_done
        system.end_task()

    def _result(self, trouble: str) -> Result:
        fault, fault_s = self._fault, self._fault_s
        due_s = fault.detect_s + fault.within_s
        self.track = self._system.truth.track(fault_s - 0.5).relative_to(fault_s)
        track = self._system.truth.track(fault_s - 0.5)
        track = track.between(0.0, self._undone_s).until_gone(fault_s)
        after = track.between(fault_s, self._undone_s)
        still_from_s = fault_s if fault.expect is Expectation.REFUSE else fault_s + due_s
        carries_on = fault.expect is Expectation.CARRY_ON
        return Result(
            name=fault.name,
            what=fault.what,
            expect=fault.expect,
            held_by=fault.held_by,
            due_s=due_s,
            hold_s=measurement.time_to_hold_s(self._said, fault_s),
            rest_s=None if carries_on else measurement.time_to_rest_s(track, fault_s),
            motion_m=0.0 if carries_on else measurement.motion_after_m(track, still_from_s),
            peak_m_s=measurement.peak_speed_m_s(after),
            said=measurement.sayings(self._said, fault_s),
            person=self._person,
            ready_s=self._ready_s,
            next_tries=self._next_tries,
            real_time_factor=self._pace,
            trouble=trouble,
        )
