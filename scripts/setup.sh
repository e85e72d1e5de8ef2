#!/usr/bin/env bash
# Sets up all that bridge_ros needs in a virtual environment, and does only what is not done yet.
# The environment is also a small ROS: rclpy and Fast DDS come from PyPI wheels.
#
#   PYTHON            a Python from 3.10 to 3.13; otherwise the first one found
#   VENV              where the environment lies (.venv)
#   EXTRAS            parts of setup.py's extras_require (ros,sim,realsense,vlm,test), besides those
#                     that the environment has already
#   TORCH_INDEX_URL   a package index to take torch from, for its CPU or a certain CUDA build

set -euo pipefail
cd "$(dirname "$0")/.."

VENV=${VENV:-.venv}
EXTRAS=${EXTRAS:-ros,sim,realsense,vlm,test}
STATE=$VENV/.bridge_ros # fingerprints of what is done, and logs

# Nothing of a sourced ROS install may mix with the wheels, and no other environment's bootstrap.
unset PYTHONPATH PYTHONHOME AMENT_PREFIX_PATH CMAKE_PREFIX_PATH COLCON_PREFIX_PATH LD_LIBRARY_PATH \
    ROS_DISTRO ROS_VERSION ROS_PYTHON_VERSION RMW_IMPLEMENTATION _ROS_WHEELS_BOOTSTRAP_COMPLETE
PATH=$PATH:/usr/sbin:/sbin # for ldconfig

say() { printf 'setup: %s\n' "$*"; }
die() {
    printf 'setup: %s\n' "$*" >&2
    exit 1
}

# Runs a command with its output in a log, which is shown when it fails.
logged() {
    local log=$STATE/$1.log
    shift
    "$@" >"$log" 2>&1 || {
        tail -n 25 "$log" >&2
        die "this failed: $* (all of its output: $log)"
    }
}

fits() { "$1" -c 'import sys; sys.exit(not (3, 10) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null; }
version() { "$1" -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null; }

find_python() {
    local candidate
    for candidate in python3 python3.13 python3.12 python3.11 python3.10; do
        fits "$candidate" && echo "$candidate" && return
    done
}

# Names the missing Debian packages, given the Python in use ("" if there is none yet).
missing_packages() {
    local python=$1 libraries soname package
    if [ -z "$python" ]; then
        echo python3 python3-venv python3-dev
    else
        "$python" -c 'import ensurepip, venv' 2>/dev/null || echo "python$(version "$python")-venv"
        [ -e "$("$python" -c 'import sysconfig; print(sysconfig.get_path("include"))')/Python.h" ] ||
            echo "python$(version "$python")-dev"
    fi
    command -v cc >/dev/null || echo gcc libc6-dev
    command -v c++ >/dev/null || echo g++
    # What the wheels of Open3D, MuJoCo, pinocchio and pyrealsense2 expect of the system.
    libraries=$(ldconfig -p)
    while read -r soname package; do
        case $libraries in *"$soname"*) ;; *) echo "$package" ;; esac
    done <<'LIBRARIES'
libEGL.so.1 libegl1
libGL.so.1 libgl1
libX11.so.6 libx11-6
libgomp.so.1 libgomp1
libidn2.so.0 libidn2-0
libquadmath.so.0 libquadmath0
libudev.so.1 libudev1
libusb-1.0.so.0 libusb-1.0-0
LIBRARIES
    # Rendering without a GPU; NVIDIA's driver brings its own.
    case $libraries in *libEGL_nvidia.so.0*) return ;; esac
    case $libraries in *libEGL_mesa.so.0*) ;; *) echo libegl-mesa0 ;; esac
    compgen -G '/usr/lib*/dri/swrast_dri.so' >/dev/null ||
        compgen -G '/usr/lib/*/dri/swrast_dri.so' >/dev/null || echo libgl1-mesa-dri
}

install_packages() {
    local as_root=()
    [ "$(id -u)" = 0 ] || as_root=(sudo -n)
    if ! command -v apt-get >/dev/null || ! "${as_root[@]}" true 2>/dev/null; then
        die "system packages are missing: sudo apt-get install $*"
    fi
    say "installing system packages: $*"
    logged apt-update "${as_root[@]}" apt-get update
    logged apt-install "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
        apt-get install -y --no-install-recommends "$@"
}

create_environment() {
    say "creating $VENV with $("$python" --version) ($python)"
    logged venv "$python" -m venv "$VENV"
}

pip_install() {
    local torch=()
    [ -z "${TORCH_INDEX_URL:-}" ] || torch=(--extra-index-url "$TORCH_INDEX_URL")
    "$VENV/bin/python" -m pip --disable-pip-version-check install -c constraints.txt "${torch[@]}" "$@"
}

# uv as a faster pip: the same versions from the same places, and what lies here is built anew.
uv_install() {
    find_sources
    "$VENV/bin/uv" pip install --python "$VENV/bin/python" -c constraints.txt "${sources[@]}" \
        --reinstall-package bridge-ros "$@"
}

# uv does not read pip's configuration, and asks its indexes in turn where pip asks all.
find_sources() {
    local configured option section value
    configured=$("$VENV/bin/python" -m pip config list)
    sources=(--index-strategy unsafe-best-match)
    for option in index-url extra-index-url find-links no-index constraint trusted-host cert proxy; do
        for section in :env: install global; do
            value=$(sed -n "s/^$section\.$option='\(.*\)'$/\1/p" <<<"$configured")
            [ -z "$value" ] || break
        done
        for value in ${value//\\n/ }; do
            case $option in
            no-index) sources+=(--no-index) ;;
            cert) export SSL_CERT_FILE=$value ;;
            proxy) export HTTP_PROXY=$value HTTPS_PROXY=$value ;;
            *) sources+=("--$option" "$value") ;;
            esac
        done
    done
    [ -z "${TORCH_INDEX_URL:-}" ] || sources+=(--extra-index-url "$TORCH_INDEX_URL")
}

# Installs with uv, or else with pip, and shows the large downloads.
install() {
    local log=$STATE/install.log
    if [ -x "$VENV/bin/uv" ]; then
        uv_install "$@" 2>&1 | tee "$log" | sed -Eun \
            -e 's/^Downloading (.*) \(([0-9]{2,}\.[0-9]MiB|[0-9.]+GiB)\)$/setup:   downloading \1, \2/p' \
            -e 's/^ +Building ([^ ]+).*/setup:   building \1/p' && return
        say "  uv could not install this, for reasons in $log; trying with pip"
        log=$STATE/install-pip.log
    fi
    pip_install "$@" 2>&1 | tee "$log" | sed -Eun \
        -e 's/^ *Downloading ([^ ]*) \(([0-9]{2,}\.[0-9] [MG]B)\)$/setup:   downloading \1, \2/p' \
        -e 's/^Installing collected packages:.*/setup:   unpacking/p' && return
    tail -n 25 "$log" >&2
    die "pip could not install this: $* (all of its output: $log)"
}

install_tools() {
    pip_install uv >"$STATE/uv.log" 2>&1 ||
        say "  uv is not to be had, for reasons in $STATE/uv.log; pip does its work, more slowly"
    install pip setuptools wheel
}

install_ros() {
    local requirements
    requirements=$("$VENV/bin/python" -c '
import setuptools  # first, for it brings distutils
from distutils.core import run_setup
print(*run_setup("setup.py", stop_after="init").extras_require["ros"])')
    # With bytecode: the build of the interface packages runs many short programs.
    # shellcheck disable=SC2086 # a list of names
    UV_COMPILE_BYTECODE=1 install numpy $requirements
}

# The dependencies and the package itself, as a user would install it.
install_dependencies() {
    warn_of_cuda
    forget_old_build
    install ".[$EXTRAS]"
    echo "$package" >"$STATE/package"
    [ ! -x "$VENV/bin/uv" ] || compile_imports >"$STATE/imports.log" 2>&1 || true
}

# uv writes no bytecode, as pip does. Without it the nodes, which start together, would each compile
# all that they import; so it is written for this much.
compile_imports() {
    "$VENV/bin/python" -I -c '
import contextlib, importlib, pkgutil
import bridge_ros
for module in pkgutil.walk_packages(bridge_ros.__path__, "bridge_ros."):
    with contextlib.suppress(Exception):  # of a part that is not installed, or is being built
        importlib.import_module(module.name)'
}

# What PyPI offers for Linux is torch's CUDA build: 3 GB for nothing where there is no GPU.
warn_of_cuda() {
    local install=pip_install
    [ ! -x "$VENV/bin/uv" ] || install=uv_install
    [ ! -e /dev/nvidiactl ] && ! compgen -G "$VENV/lib/python3*/site-packages/torch-*" >/dev/null ||
        return 0
    case $("$install" --dry-run --no-deps torch 2>&1) in
    *+cpu*) ;;
    *) say "  torch comes with CUDA, some 3 GB; TORCH_INDEX_URL=<PyTorch's CPU index> avoids that" ;;
    esac
}

# setuptools would ship modules that it once built, even if they no longer exist.
forget_old_build() { rm -rf build/lib build/bdist.*; }

install_package() {
    forget_old_build
    logged package pip_install --no-deps --no-build-isolation --force-reinstall .
}

build_interfaces() { logged interfaces scripts/build_interfaces.sh "$VENV"; }

# One hash of the contents of files and folders.
fingerprint() {
    find "$@" -type f ! -name '*.pyc' -print0 | sort -z | xargs -0 sha256sum | sha256sum | cut -c-64
}

# Runs a step unless it has been run for this fingerprint; says what it does and how long it took.
once() {
    local name=$1 wanted=$2 what=$3 start=$SECONDS
    shift 3
    [ "$(cat "$STATE/$name" 2>/dev/null)" != "$wanted" ] || return 0
    rm -f "$STATE/$name"
    say "$what"
    "$@"
    echo "$wanted" >"$STATE/$name"
    say "$what: done in $((SECONDS - start)) s"
}

[ "$(uname -sm)" = "Linux x86_64" ] ||
    die "ROS wheels exist for Linux on x86_64 only, this is $(uname -sm); use a ROS 2 install (README)"

if [ -n "${PYTHON:-}" ]; then
    fits "$PYTHON" || die "$PYTHON is $("$PYTHON" --version 2>&1 || true); needed is Python 3.10 to 3.13"
    python=$PYTHON
else
    python=$(find_python) || python=
fi
if fits "$VENV/bin/python"; then
    [ -z "${PYTHON:-}" ] || [ "$(version "$PYTHON")" = "$(version "$VENV/bin/python")" ] ||
        die "$VENV has Python $(version "$VENV/bin/python"), not $PYTHON; choose another VENV, or 'make clean'"
    python=$VENV/bin/python
fi

mkdir -p "$STATE"
exec 9>"$STATE/lock"
flock -n 9 || { say "waiting for another set-up" && flock 9; }

# shellcheck disable=SC2207 # package names have no spaces
missing=($(missing_packages "$python"))
[ ${#missing[@]} = 0 ] || install_packages "${missing[@]}"
python=${python:-$(find_python)} ||
    die "this system has no Python from 3.10 to 3.13; install one and name it with PYTHON="

{ fits "$VENV/bin/python" && "$VENV/bin/python" -m pip --version >/dev/null 2>&1; } || create_environment

# `make demo` after `make test` takes nothing away, nor leaves anything behind.
touch "$STATE/extras"
EXTRAS=$(tr ',' '\n' <<<"$EXTRAS" | sort -u - "$STATE/extras" | tee "$STATE/extras.new" | paste -sd,)
mv "$STATE/extras.new" "$STATE/extras"

pins=$(fingerprint setup.py constraints.txt)
package=$(fingerprint setup.py package.xml resource bridge_ros config launch models)
interfaces=$(fingerprint bridge_interfaces third_party_interfaces scripts/{build_interfaces.sh,without_cpp})
once tools "$pins" "installing uv and pip" install_tools
trap wait EXIT # also after a failure, what is being built is brought to its end
case ,$EXTRAS, in
*,ros,*)
    once ros "$pins" "installing ROS" install_ros
    # Needs nothing but ROS, and what is pinned does not change under its hands. A command in the
    # background would survive Ctrl-C if it were not told otherwise.
    {
        trap - INT
        once interfaces "$interfaces-$pins" "building the interface packages" build_interfaces
    } &
    ;;
esac
once dependencies "$pins-$EXTRAS" "installing the dependencies" install_dependencies
wait ${!:+"$!"} # fails if the build did
once package "$package" "installing bridge_ros" install_package
