"""Writes constraints.txt anew: the newest versions that fit together, for every Python given.

    scripts/update_constraints.py python3.11 python3.10 python3.12 python3.13

The first Python decides; the others take its versions as well, unless they cannot. Needs pip 26
in the Python that runs this. Only metadata is downloaded, except for packages without wheels.
"""

import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
EXTRAS = "ros,sim,realsense,vlm,test,teleop"
# colcon and setup.py's data_files want a setuptools before 80.
HELD = ["torch==2.13.0", "setuptools<80", "wheel", "pip"]
# Which of these torch brings depends on the build that the user chooses; torch pins them itself.
OF_TORCH = re.compile(r"nvidia-|cuda-|triton")
HEADER = """\
# The versions that are tested together, on Python 3.10 to 3.13: pip install -c constraints.txt ...
# Written by scripts/update_constraints.py.
"""


def resolve(python, constraints):
    """Name -> version of all that the package needs on this Python; None if nothing fits."""
    with tempfile.TemporaryDirectory() as folder:
        held, report = Path(folder, "held.txt"), Path(folder, "report.json")
        held.write_text("\n".join(constraints))
        command = [sys.executable, "-m", "pip", "--python", python, "install", "--quiet"]
        command += ["--dry-run", "--ignore-installed", "--report", str(report), "-c", str(held)]
        command += [f"{ROOT}[{EXTRAS}]", "setuptools", "wheel", "pip", "uv"]
        if subprocess.run(command, check=False).returncode:
            return None
        installed = json.loads(report.read_text())["install"]
    versions = {}
    for item in installed:
        name = re.sub(r"[-_.]+", "-", item["metadata"]["name"]).lower()
        if name != "bridge-ros" and not OF_TORCH.match(name):
            # Without the local part, such as torch's +cpu: that is the user's choice.
            versions[name] = item["metadata"]["version"].split("+")[0]
    return versions


def main():
    pins = {}  # name -> {Python: version}
    reference = {}
    for python in sys.argv[1:]:
        ask = "import sys; print('%d.%d' % sys.version_info[:2])"
        number = subprocess.check_output([python, "-c", ask], text=True).strip()
        print(f"resolving for Python {number}", flush=True)
        wanted = [f"{name}=={version}" for name, version in reference.items()]
        versions = (resolve(python, wanted) if wanted else None) or resolve(python, HELD)
        if versions is None:
            sys.exit(f"Python {number}: no versions fit together")
        reference = reference or versions
        for name, version in versions.items():
            pins.setdefault(name, {})[number] = version

    lines = []
    for name, by_python in sorted(pins.items()):
        usual = reference.get(name)
        others = {number: v for number, v in sorted(by_python.items()) if v != usual}
        if usual:
            besides = " and ".join(f'python_version != "{number}"' for number in others)
            lines.append(f"{name}=={usual}" + (f" ; {besides}" if besides else ""))
        lines += [f'{name}=={v} ; python_version == "{n}"' for n, v in others.items()]
    (ROOT / "constraints.txt").write_text(HEADER + "\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
