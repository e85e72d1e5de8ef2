# `make demo` and `make test` set up all that they need; see scripts/setup.sh.

PYTHON ?=
VENV ?= .venv
EXTRAS ?=
export PYTHON VENV EXTRAS

# A sourced ROS install must not mix with the ROS in the virtual environment.
unexport PYTHONPATH PYTHONHOME AMENT_PREFIX_PATH CMAKE_PREFIX_PATH COLCON_PREFIX_PATH
unexport LD_LIBRARY_PATH ROS_DISTRO ROS_VERSION ROS_PYTHON_VERSION RMW_IMPLEMENTATION
unexport _ROS_WHEELS_BOOTSTRAP_COMPLETE

# Tests, recording, calibration and training need more than this; `make setup` brings all.
DEMO_EXTRAS = ros,sim,realsense,vlm

# These tests answer to the clock, and go alone; the others share the processors.
LIVE = $(addprefix test/,control deploy graph hardware lab/bench lab/calibration lab/recording lab/teleop nodes ros sim)

.PHONY: help setup demo test lint clean

help:
	@echo 'make demo    set up, then pick up the red cube in the simulated cell'
	@echo "             ARGS='\"put the toy into the basket\" --seed 3' for another task"
	@echo 'make test    set up, then run ruff, mypy and all tests; TESTS=test/geometry for some'
	@echo 'make lint    set up, then run ruff and mypy'
	@echo 'make setup   only set up: system packages, $(VENV), dependencies, bridge_ros'
	@echo 'make clean   remove $(VENV) and what was built'
	@echo 'Choices: PYTHON=python3.12 VENV=.venv EXTRAS=$(EXTRAS) TORCH_INDEX_URL='

setup:
	@scripts/setup.sh

demo:
	@EXTRAS=$(or $(EXTRAS),$(DEMO_EXTRAS)) scripts/setup.sh
	@$(VENV)/bin/bridge-ros demo $(ARGS)

lint: setup
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/mypy

test: lint
ifdef TESTS
	$(VENV)/bin/pytest $(TESTS)
else
	$(VENV)/bin/pytest --numprocesses auto --dist loadfile test $(LIVE:%=--ignore %)
	$(VENV)/bin/pytest $(LIVE)
endif

clean:
	test ! -e $(VENV) || test -d $(VENV)/.bridge_ros
	rm -rf $(VENV) build bridge_ros.egg-info .mypy_cache .pytest_cache .ruff_cache .hypothesis
