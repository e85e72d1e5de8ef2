"""The `bridge-ros` command: the table of its verbs."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import NoReturn

from bridge_ros.commands.train import STAGES
from bridge_ros.commands.verb import exit_with
from bridge_ros.commands.verb_table import VerbTable

VERBS = VerbTable(
    prog="bridge-ros",
    kind="verb",
    description="A sentence becomes sparse 3D waypoints, and those become motion.",
    examples="""\
examples:
  bridge-ros demo "put the toy into the basket" --seed 3
  bridge-ros up --sim          # in one terminal
  bridge-ros say "pick up the red cube"   # in another
  bridge-ros eval --suite tabletop6 --method ik --noise vlm --trials 20
  bridge-ros doctor""",
    package="bridge_ros.commands",
    verbs={
        "demo": "carry out one sentence in the simulated cell, and report",
        "up": "run the deployment until Ctrl-C",
        "say": "give a sentence to a running deployment and wait for its end",
        "doctor": "what is installed, reachable or missing, and what to do",
        "bench": "measure the parts; prints JSON",
        "calibrate": "find where the fixed camera is, from a board in the gripper",
        "latency": "how late the arm follows, and whether the camera's stamps are right",
        "teleop": "move the arm with a keyboard or a SpaceMouse",
        "record": "record an episode of what the graph says, as MCAP",
        "replay": "plot an episode, or feed it back to the graph",
        "export": "episodes as a LeRobot dataset, or a cut one as a whole file",
        "faults": "inject faults into a live simulated deployment, and report",
        "endure": "give a simulated deployment a sentence a minute for an hour, and report",
        "eval": "success over a suite of simulated tasks, as tables, plots and films",
        "annotate": "episodes to records that a vision-language planner is fine-tuned on",
        "train": STAGES,
    },
)


def main(argv: Sequence[str] | None = None) -> NoReturn:
    """Run one verb; exits with 0 when it succeeded, 1 when it did not, 2 for unusable arguments."""
    exit_with(lambda: _run(sys.argv[1:] if argv is None else argv))


def _run(argv: Sequence[str]) -> int:
    verb, arguments = VERBS.parse(argv)
    return verb.run(arguments)


if __name__ == "__main__":
    main()
