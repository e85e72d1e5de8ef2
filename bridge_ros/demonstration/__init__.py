"""Demonstration: one recorded episode, whoever gave it and however it lies on disk."""

from bridge_ros.demonstration.demonstration import Demonstration, OperatorKind, RecordedPlan
from bridge_ros.demonstration.folder import FolderReader, write_folder
from bridge_ros.demonstration.frames import FrameFiles, Frames, read_depth, read_rgb, write_frame
from bridge_ros.demonstration.hand_motion import HandMotion
from bridge_ros.demonstration.hand_streams import HandStreams
from bridge_ros.demonstration.reader import DemonstrationReader, find_all

__all__ = [
    "Demonstration",
    "DemonstrationReader",
    "FolderReader",
    "FrameFiles",
    "Frames",
    "HandMotion",
    "HandStreams",
    "OperatorKind",
    "RecordedPlan",
    "find_all",
    "read_depth",
    "read_rgb",
    "write_folder",
    "write_frame",
]
