"""The folder of a run: its condition, and one line a trial, so that it can be resumed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from bridge_ros.errors import ConfigError
from bridge_ros.lab.evaluation.trial import Trial, TrialCondition


class TrialLog:
    """Appends trials to `trials.jsonl`; a trial that is there is not run again.

    Args:
        folder: made if it is not there.
        condition: of this run.
        evidence: what else trials depend on, such as the hash of the weights.

    Raises:
        ConfigError: if the folder holds the trials of another condition, or an unreadable line.
    """

    def __init__(
        self, folder: Path, condition: TrialCondition, evidence: Mapping[str, Any] | None = None
    ) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        stated = folder / "condition.json"
        told = {name: value for name, value in asdict(condition).items() if value is not None}
        wanted = json.dumps(told | dict(evidence or {}), indent=2) + "\n"
        if not stated.exists():
            stated.write_text(wanted)
        elif stated.read_text() != wanted:
            raise ConfigError(
                f"{folder}: holds trials of another condition, checkpoint, model or noise (see "
                f"{stated.name}); choose another --out, or remove the folder"
            )
        self._path = folder / "trials.jsonl"
        self.trials: list[Trial] = []
        if self._path.exists():
            lines = self._path.read_text().splitlines(keepends=True)
            # A line without an end was being written when a run was interrupted.
            whole = [line for line in lines if line.endswith("\n")]
            if whole != lines:
                self._path.write_text("".join(whole))
            self.trials = [Trial.from_json(line) for line in whole]

    def has(self, task: str, seed: int) -> bool:
        """Whether a trial is there already."""
        return any(trial.task == task and trial.seed == seed for trial in self.trials)

    def add(self, trial: Trial) -> None:
        """Keep a trial."""
        with self._path.open("a") as file:
            file.write(trial.to_json() + "\n")
        self.trials.append(trial)
