#!/usr/bin/env bash
# Builds the interface packages into a virtual environment that has the ROS wheels.
#
#   scripts/build_interfaces.sh .venv

set -euo pipefail
cd "$(dirname "$0")/.."
venv=$(realpath "${1:?usage: build_interfaces.sh VENV}")

# The wheels' cmake files point to the Python and the numpy of the machine that built them.
read -r python_include numpy_include < <("$venv/bin/python" -c '
import sysconfig, numpy
print(sysconfig.get_path("include"), numpy.get_include())')
# In an environment that was set up before, there is nothing left to replace.
{ grep -rlZ --include='*.cmake' '/opt/python/' "$venv/share" || true; } | xargs -0r sed -Ei \
    -e "s#/opt/python/[^;\" ]*/numpy/_?core/include#$numpy_include#g" \
    -e "s#/opt/python/[^;\" /]*/include/python3\.[0-9]+#$python_include#g"

packages=(bridge_interfaces)
# Every ROS install has tf2_msgs; the wheels do not, so far.
compgen -G "$venv/lib/python3*/site-packages/ros_tf2_msgs-*" >/dev/null ||
    packages=(third_party_interfaces/tf2_msgs "${packages[@]}")

export PATH="$venv/bin:$PATH" AMENT_PREFIX_PATH=$venv CMAKE_PREFIX_PATH=$venv
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
for package in "${packages[@]}"; do
    cmake -S "$package" -B "$work/$package" -G Ninja -DCMAKE_BUILD_TYPE=Release \
        -DCMAKE_INSTALL_PREFIX="$venv" -DPython3_EXECUTABLE="$venv/bin/python" -DBUILD_TESTING=OFF \
        -Drosidl_default_generators_DIR="$PWD/scripts/without_cpp"
    cmake --build "$work/$package" --target install
done
