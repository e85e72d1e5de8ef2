import os
import subprocess
import sys


def test_the_doctor_finds_what_is_there_and_says_what_to_do_about_the_rest():
    run = subprocess.run(
        [sys.executable, "-m", "bridge_ros.cli", "doctor", "--robot-host", "127.0.99.97"],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "COLUMNS": "200"},
    )
    rows = {line.split("│")[2].strip(): line for line in run.stdout.splitlines() if "│" in line}
    for name in ("rclpy", "torch", "action expert", "rendering", "bridge_interfaces"):
        assert rows[name].split("│")[1].strip() == "ok", rows[name]
    assert "FCI" in rows["FR3 at 127.0.99.97"], "an absent robot is told with advice"
    assert run.returncode == 1, run.stdout + run.stderr
