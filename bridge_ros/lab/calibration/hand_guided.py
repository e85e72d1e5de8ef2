"""Views while a person moves the arm: the preview follows, and Enter takes a view."""

from __future__ import annotations

from collections.abc import Callable

from bridge_ros.errors import BridgeError
from bridge_ros.lab.calibration.calibration_cell import CalibrationCell
from bridge_ros.lab.calibration.collection import ViewCollection
from bridge_ros.lab.calibration.errors import CalibrationError

KEYS = "Enter: take a view, u: forget the last one, d: done, q: give up"


def collect_by_hand(
    cell: CalibrationCell,
    collection: ViewCollection,
    read_line: Callable[[], str | None],
    say: Callable[[str], None],
) -> None:
    """Take views until the person is done.

    Args:
        read_line: what was typed, without its end; None if nothing was within a moment.

    Raises:
        BridgeError: if the person gives up.
        HardwareError: if the arm or the camera fails.
    """
    say(f"guide the arm by hand; {KEYS}")
    while True:
        trouble = collection.preview(cell.picture(), cell.ee_pose())
        line = read_line()
        if line is None:
            continue
        word = line.strip().lower()
        if word == "d":
            return
        if word == "q":
            raise BridgeError("calibrate: given up; nothing was written")
        if word == "u":
            if collection.views:
                collection.views.pop()
            say(f"{len(collection.views)} views are left")
        elif word:
            say(f"{word!r}? {KEYS}")
        elif trouble:
            say(trouble)
        else:
            try:
                collection.add(cell.look())
            except CalibrationError as error:
                say(str(error))
            else:
                say(f"view {len(collection.views)} taken")
