"""Trials as they might have ended, for tests of what is made of them."""

from bridge_ros.lab.evaluation.trial import Trial


def trial(task="stack_cubes", seed=1000, *, failure="", **changes):
    values = {
        "task": task,
        "seed": seed,
        "instruction": "stack the red cube on the blue cube",
        "success": not failure,
        "failure": failure,
        "message": "done",
        "stages": (("grasp the red cube", "grasped"), ("put it there", "reached")),
        "duration_s": 16.0,
        "wall_s": 2.0,
        "targets": 300,
        "refused": 0,
        "worst_step_m": 0.009,
        "worst_step_rad": 0.02,
        "worst_seam_m": 0.001,
        "silences": 0,
    }
    return Trial(**(values | changes))
