"""How our processes talk, seen from outside: which shared memory they have, and whom they hear."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from bridge_ros.deploy.middleware import DISCOVERY, PROFILE, middleware_environment
from bridge_ros.deploy.supervisor import ros_environment
from bridge_ros.settings.resources import resource_path

IMAGE = "/camera/camera/color/image_raw"
TALK = """
import sys, time
from pathlib import Path
import rclpy
from sensor_msgs.msg import Image
from std_msgs.msg import String
_, role, topic = sys.argv
rclpy.init()
node = rclpy.create_node(role)
kind = Image if "image" in topic else String
heard = []
if role == "listener":
    node.create_subscription(kind, topic, heard.append, 1)
else:
    publisher = node.create_publisher(kind, topic, 1)
    node.create_timer(0.05, lambda: publisher.publish(kind()))
end = time.monotonic() + 20.0
while not heard and time.monotonic() < end:
    rclpy.spin_once(node, timeout_sec=0.1)
maps = Path("/proc/self/maps").read_text()
print("heard" if heard else "deaf", *sorted({w for w in maps.split() if "/shm/fastdds_" in w}))
"""


def ours(profile: str) -> dict[str, str]:
    """The environment of a node of ours."""
    return ros_environment(resource_path(f"config/{profile}.xml"))


def anybody_s() -> dict[str, str]:
    """The environment of somebody's tool, in which ROS has its defaults."""
    return {name: value for name, value in os.environ.items() if name not in (DISCOVERY, PROFILE)}


def listen(topic: str, talks: dict[str, str], hears: dict[str, str], domain: int) -> str:
    """What a listener says that hears a talker."""
    own_domain = {"ROS_DOMAIN_ID": str(domain)}
    command = [sys.executable, "-c", TALK]
    talker = subprocess.Popen([*command, "talker", topic], env=talks | own_domain)
    try:
        listener = subprocess.run(
            [*command, "listener", topic], env=hears | own_domain, capture_output=True, text=True
        )
    finally:
        talker.kill()
        talker.wait()
    assert "Error" not in listener.stderr, listener.stderr
    return listener.stdout


def test_nodes_without_images_have_no_shared_memory() -> None:
    udp = ours("fastdds_udp")
    assert listen("/anything", udp, udp, 151).split() == ["heard"]


def test_nodes_with_images_have_one_segment_and_not_the_middlewares_own_as_well() -> None:
    said = listen(IMAGE, ours("fastdds"), ours("fastdds"), 152).split()
    assert said[0] == "heard"
    assert sum("port" not in name for name in said[1:]) == 2  # its own, and the talker's image


@pytest.mark.parametrize("profile", ["fastdds", "fastdds_udp"])
def test_tools_that_have_no_profile_are_heard_and_hear_us(profile: str) -> None:
    assert listen("/anything", ours(profile), anybody_s(), 153).split()[0] == "heard"
    assert listen("/anything", anybody_s(), ours(profile), 154).split()[0] == "heard"


@pytest.mark.parametrize("range_", ["SUBNET", "OFF"])
def test_who_is_heard_stays_as_the_user_wants_it(range_: str) -> None:
    variables = middleware_environment(Path("profile.xml"), {DISCOVERY: range_})

    assert variables == {PROFILE: "profile.xml"}
