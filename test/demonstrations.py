"""Demonstrations over an empty table: the motion is as it would be, the picture is grey."""

import numpy as np

from bridge_ros.demonstration import write_folder, write_frame
from bridge_ros.geometry.intrinsics import Intrinsics
from bridge_ros.geometry.poses import look_at, transform_points
from bridge_ros.lab.annotation.scripted_motion import ScriptedMotion

CAMERA = Intrinsics(width=640, height=480, fx=615.0, fy=615.0, cx=319.5, cy=239.5)
T_BASE_CAMERA = look_at((1.2, 0.0, 0.7), (0.45, 0.0, 0.0))
DOWN = (1.0, 0.0, 0.0, 0.0)
HOME = np.array([0.35, 0.0, 0.45, *DOWN])


def table_depth():
    """`(H, W)` [m] of the plane z = 0 of base."""
    v, u = np.indices((CAMERA.height, CAMERA.width))
    rays = CAMERA.deproject(np.stack([u, v], axis=-1), np.ones((CAMERA.height, CAMERA.width)))
    turned = transform_points([0, 0, 0, *T_BASE_CAMERA[3:]], rays.reshape(-1, 3))
    depth = -T_BASE_CAMERA[2] / turned[:, 2]
    return depth.reshape(CAMERA.height, CAMERA.width).astype(np.float32)


def above(x, y, z):
    return np.array([x, y, z, *DOWN])


def pick_and_place(folder, *, miss=False, subgoals=True, depth=True, x=0.45):
    """Grasp at (x, 0.1), put down at (0.5, -0.1), go up. Frames at the start of every stage."""
    log = ScriptedMotion(HOME, 0.10)
    goals, frames = [], [0.0]
    if miss:
        log.move(above(x, 0.1, 0.10))
        log.rest()
        log.grip(0.0)
        log.rest()
        goals.append("grasp the red cube")
        frames.append(log.time_s)
    log.move(above(x, 0.1, 0.12), 0.11)
    log.move(above(x, 0.1, 0.02))
    log.rest()
    log.grip(0.04)
    log.rest()
    frames.append(log.time_s)
    log.move(above(x, 0.1, 0.15))
    log.move(above(0.5, -0.1, 0.15))
    log.move(above(0.5, -0.1, 0.03))
    log.rest()
    log.grip(0.10)
    log.rest()
    frames.append(log.time_s)
    log.move(above(0.5, -0.1, 0.15))
    goals += ["grasp the red cube", "put the red cube on the green cube", "retreat"]
    rgb = np.full((CAMERA.height, CAMERA.width, 3), 128, np.uint8)
    depth_m = table_depth() if depth else np.zeros((CAMERA.height, CAMERA.width), np.float32)
    for frame in range(len(frames)):
        write_frame(folder / "frames", frame, rgb, depth_m)
    return write_folder(
        folder,
        instruction="stack the red cube on the green cube",
        T_base_camera=T_BASE_CAMERA,
        intrinsics=CAMERA,
        motion=log.motion(),
        frames_s=frames,
        subgoals=tuple(goals) if subgoals else (),
    )
