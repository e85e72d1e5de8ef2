"""A camera that looks at a table 0.8 m away, and replies of a model that grasps something there."""

import json

import numpy as np

from bridge_ros.geometry.intrinsics import Intrinsics
from bridge_ros.planner.vlm.chat import SeenImage
from bridge_ros.planner.vlm.coordinates import PixelMap

INTRINSICS = Intrinsics(width=640, height=480, fx=600.0, fy=600.0, cx=319.5, cy=239.5)
RGB = np.full((480, 640, 3), 90, np.uint8)
DEPTH = np.full((480, 640), 0.8, np.float32)

ANCHOR = {"subgoal": "grasp the red cube", "anchor": [320, 240]}
WAYPOINTS = {
    "waypoints": [[300, 150, 700], [320, 220, 720]],
    "target": [320, 240, 790],
    "rotation": [-47, 0, 60],
    "opening": 80,
    "gripper": "close",
    "done": False,
}
GOOD = [json.dumps(ANCHOR), json.dumps(WAYPOINTS)]


def pixel_map(convention="original", resized=(640, 480)):
    return PixelMap(
        convention=convention,
        width=640,
        height=480,
        resized_width=resized[0],
        resized_height=resized[1],
    )


class ScriptedModel:
    """Says one line of its script after the other; the last one for ever."""

    def __init__(self, script, seen_map=None, zoom=1.0):
        self._script = list(script)
        self._map = seen_map or pixel_map()
        self._zoom = zoom
        self.asked, self.shown = [], []

    def look(self, rgb):
        return SeenImage(rgb=rgb, pixel_map=self._map, zoom=self._zoom)

    def reply(self, seen, turns, schema):
        self.asked.append(turns)
        self.shown.append(seen.rgb)
        return self._script.pop(0) if len(self._script) > 1 else self._script[0]
