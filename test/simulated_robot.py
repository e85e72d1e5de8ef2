"""franky-sim in a process of its own, which tests may freeze, kill and restart."""

import os
import signal
import subprocess
import sys
import time

import numpy as np

from bridge_ros.hardware.gripper_model import GripperModel

# franky-sim's own damping of joint 7, ten times this, is unstable at a step of a millisecond: once
# that joint was commanded a velocity it shakes, and it is never at rest again.
PROGRAM = """
import os, sys, threading
import xml.etree.ElementTree as ElementTree
from franky_sim import SimulationServer
from franky_sim.mujoco_simulator import MujocoSimulator

def end_with_the_parent():
    sys.stdin.read()
    os._exit(0)

threading.Thread(target=end_with_the_parent, daemon=True).start()
with MujocoSimulator() as simulator:
    simulator.add_robot(kv=(450.0, 450.0, 350.0, 350.0, 200.0, 200.0, 20.0))
    if len(sys.argv) > 2:
        block = dict(type="box", size=sys.argv[3], pos=sys.argv[2], name="block")
        ElementTree.SubElement(simulator.worldbody, "geom", block)
    server = SimulationServer(simulator, [sys.argv[1]])
    server.init()
    print("up", flush=True)
    server.run_forever()
"""

HAND = GripperModel(
    mass_kg=0.73,
    center_of_mass_m=np.array([-0.01, 0.0, 0.03]),
    inertia_kg_m2=0.001 * np.eye(3),
    flange_to_tcp=np.array([0.01, -0.02, 0.235, 0.0, 0.0, -0.3826834, 0.9238795]),
    stroke_m=0.11,
)
"""Weighs what franky-sim's robot carries, but has a tool centre point of its own."""


class SimulatedRobot:
    """Its arm, and its Franka Hand.

    Args:
        block: position and half size [m], as MJCF words, of a box that stands in its way.
    """

    def __init__(self, last_number, block=()):
        self.block = block
        self.host = f"127.0.{100 + os.getpid() % 100}.{last_number}"
        self.process = None
        self.start()

    def start(self):
        self.process = subprocess.Popen(
            [sys.executable, "-c", PROGRAM, self.host, *self.block],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self.process.stdout.readline() == "up\n", "franky-sim did not start"

    def freeze(self):
        self.process.send_signal(signal.SIGSTOP)

    def kill(self):
        self.process.kill()
        self.process.wait()
        self.process.stdin.close()
        self.process.stdout.close()


def wait_until(condition, timeout_s=15.0):
    deadline_s = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < deadline_s, "what was waited for did not come"
        time.sleep(0.005)
