"""The `bridge-ros` command; each verb only parses its arguments and calls."""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

from bridge_ros.commands.terminal import Terminal
from bridge_ros.deploy.deployment import CAMERA_SOURCES, PLANNER_BACKENDS, Deployment
from bridge_ros.errors import BridgeError
from bridge_ros.lab.bench.bench import PARTS

DEFAULT_SENTENCE = "pick up the red cube"


def main(argv: Sequence[str] | None = None) -> None:
    """Run one verb; exits with 0 when it succeeded, 1 when it did not, 2 for unusable arguments."""
    arguments = _parser().parse_args(argv)
    # SIGTERM ends a verb as Ctrl-C does, so that nothing it started is left behind; and Ctrl-C
    # does so in the background of a script, too, where shells have it ignored.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.default_int_handler)
    try:
        code = arguments.run(arguments)
    except BridgeError as error:
        print(f"bridge-ros: {error}", file=sys.stderr)
        code = 1
    except KeyboardInterrupt:
        print("bridge-ros: interrupted", file=sys.stderr)
        code = 130
    sys.exit(code)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="bridge-ros",
        description="A sentence becomes sparse 3D waypoints, and those become motion.",
        epilog="examples:\n"
        '  bridge-ros demo "put the toy into the basket" --seed 3\n'
        "  bridge-ros up --sim          # in one terminal\n"
        '  bridge-ros say "pick up the red cube"   # in another\n'
        "  bridge-ros eval --suite tabletop6 --method ik --noise vlm --trials 20\n"
        "  bridge-ros doctor",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    verbs = parser.add_subparsers(title="verbs", required=True, metavar="VERB")

    demo = verbs.add_parser("demo", help="carry out one sentence in the simulated cell, and report")
    demo.add_argument("sentence", nargs="?", default=DEFAULT_SENTENCE)
    demo.add_argument("--out", type=Path, help="folder for the report (default: runs/demo)")
    _add_deployment_arguments(demo)
    demo.set_defaults(run=_demo)

    up = verbs.add_parser("up", help="run the deployment until Ctrl-C")
    up.add_argument(
        "--sim", action="store_true", help="simulated devices in place of the real ones"
    )
    up.add_argument("--camera", choices=CAMERA_SOURCES, default="realsense")
    up.add_argument("--extrinsics", help="calibration file of the camera")
    up.add_argument("--logs", type=Path, help="folder for the nodes' logs (default: the terminal)")
    _add_deployment_arguments(up)
    up.set_defaults(run=_up)

    say = verbs.add_parser(
        "say", help="give a sentence to a running deployment and wait for its end"
    )
    say.add_argument("sentence")
    say.add_argument("--timeout", type=float, default=300.0, metavar="S", help="seconds (300)")
    say.set_defaults(run=_say)

    doctor = verbs.add_parser(
        "doctor",
        help="what is installed, reachable or missing, and what to do",
        description="Look at this machine, and say what is missing and what to do about it.",
        epilog="examples:\n  bridge-ros doctor\n  bridge-ros doctor --robot-host 172.16.0.2",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    doctor.add_argument("--robot-host", help="also try to reach an FR3 at this address")
    doctor.set_defaults(run=_doctor)

    bench = verbs.add_parser(
        "bench",
        help="measure the parts; prints JSON",
        description="Measure how long the parts take, beside each other in one run. `arm` instead "
        "drives\na robot, or a simulated one, through its whole workspace: keep people out of it.",
        epilog="examples:\n  bridge-ros bench\n  bridge-ros bench expert --out expert.json\n"
        "  bridge-ros bench planner --model runs/vlm/model --records runs/sft\n"
        "  bridge-ros bench arm --robot-host 127.0.0.2 --seconds 600 --hostile 200",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    bench.add_argument("part", nargs="?", choices=("all", *PARTS, "arm"), default="all")
    bench.add_argument(
        "--model", metavar="FOLDER", help="a vision-language model to measure as the planner, too"
    )
    bench.add_argument(
        "--records",
        type=Path,
        metavar="FOLDER",
        help="of `annotate`: it also plans the held-out ones, and its errors are told",
    )
    from bridge_ros.lab.bench import arm_bench

    arm_bench.add_arguments(bench)
    bench.add_argument("--out", type=Path, help="also write the JSON to this file")
    bench.set_defaults(run=_bench)

    from bridge_ros.commands import calibrate, export, latency, record, replay
    from bridge_ros.commands import endure as endurance
    from bridge_ros.commands import eval as suite
    from bridge_ros.commands import faults as faults
    from bridge_ros.commands import teleop as teleoperate

    for name, module, text in (
        ("calibrate", calibrate, "find where the fixed camera is, from a board in the gripper"),
        ("latency", latency, "how late the arm follows, and whether the camera's stamps are right"),
        ("teleop", teleoperate, "move the arm with a keyboard or a SpaceMouse"),
        ("record", record, "record an episode of what the graph says, as MCAP"),
        ("replay", replay, "plot an episode, or feed it back to the graph"),
        ("export", export, "episodes as a LeRobot dataset, or a cut one as a whole file"),
        ("faults", faults, "inject faults into a live simulated deployment, and report"),
        (
            "endure",
            endurance,
            "give a simulated deployment a sentence a minute for an hour, and report",
        ),
        ("eval", suite, "success over a suite of simulated tasks, as tables, plots and films"),
    ):
        verb = verbs.add_parser(
            name,
            help=text,
            description=module.DESCRIPTION,
            epilog=module.EXAMPLES,
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        module.add_arguments(verb)
        verb.set_defaults(run=module.run)

    from bridge_ros.commands import annotate

    annotation = verbs.add_parser(
        "annotate", help="episodes to records that a vision-language planner is fine-tuned on"
    )
    annotate.add_arguments(annotation)
    annotation.set_defaults(run=annotate.run)

    train = verbs.add_parser("train", help="train the action expert, or fine-tune the planner")
    stages = train.add_subparsers(required=True, metavar="STAGE")
    pretrain = stages.add_parser("pretrain", help="action pre-training: trajectories, no clouds")
    from bridge_ros.commands.train import pretrain as pretraining

    pretraining.add_arguments(pretrain)
    pretrain.set_defaults(run=pretraining.run)
    from bridge_ros.commands.train import draw as draw_interactions
    from bridge_ros.commands.train import finetune
    from bridge_ros.commands.train import vlm as vlm

    for name, module, text in (
        ("draw", draw_interactions, "draw the contacts that fine-tuning sees, as files"),
        ("finetune", finetune, "point-cloud fine-tuning: contacts, with clouds"),
        ("vlm", vlm, "fine-tuning of the planner's vision-language model"),
    ):
        stage = stages.add_parser(name, help=text)
        module.add_arguments(stage)
        stage.set_defaults(run=module.run)
    return parser


def _add_deployment_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--scene", help="the simulated scene (the one that the sentence fits, or tabletop)"
    )
    parser.add_argument("--seed", type=int, default=0, help="of the simulated scene (0)")
    parser.add_argument("--planner", choices=PLANNER_BACKENDS, default="classical")
    parser.add_argument(
        "--robot-host",
        help="address of the FR3 (default: that of config/controller.yaml); in simulation the "
        "loopback address of all simulated devices (127.0.0.1)",
    )


def _demo(arguments: argparse.Namespace) -> int:
    from bridge_ros.sim.registry import scene_for

    deployment = Deployment(
        sim=True,
        scene=arguments.scene or scene_for(arguments.sentence),
        seed=arguments.seed,
        planner=arguments.planner,
        robot_host=arguments.robot_host,
    )
    _enter_ros_environment()
    from bridge_ros.lab.evaluation.live_trial import run_demo

    out = arguments.out or Path("runs/demo")
    with Terminal() as terminal:
        summary = run_demo(
            arguments.sentence,
            deployment,
            out,
            on_event=terminal.event,
            on_status=terminal.status,
        )
    terminal.report(summary, out)
    return 0 if summary["success"] else 1


def _up(arguments: argparse.Namespace) -> int:
    deployment = Deployment(
        sim=arguments.sim,
        scene=arguments.scene or "tabletop",
        seed=arguments.seed,
        planner=arguments.planner,
        camera=arguments.camera,
        robot_host=arguments.robot_host,
        extrinsics=arguments.extrinsics,
    )
    from bridge_ros.deploy.supervisor import Supervisor

    terminal = Terminal()
    terminal.event("starting; Ctrl-C stops the arm and ends everything")
    with Supervisor(deployment.nodes(), log_dir=arguments.logs, on_event=terminal.event):
        try:
            signal.pause()
        except KeyboardInterrupt:
            terminal.event("stopping")
    return 0


def _say(arguments: argparse.Namespace) -> int:
    _enter_ros_environment()
    from bridge_ros.graph.operator import Operator

    with Terminal() as terminal, Operator() as operator:
        operator.on_status = terminal.status
        outcome = operator.execute(arguments.sentence, arguments.timeout)
    terminal.event(f"{outcome.outcome}: {outcome.message}")
    return 0 if outcome.success else 1


def _doctor(arguments: argparse.Namespace) -> int:
    _enter_ros_environment()
    from bridge_ros.commands.doctor import examine

    findings = examine(robot_host=arguments.robot_host)
    return Terminal().findings(findings)


def _bench(arguments: argparse.Namespace) -> int:
    from bridge_ros.lab.bench.bench import bench

    if arguments.part == "arm":
        from bridge_ros.lab.bench.arm_bench import run

        report = run(arguments)
    else:
        report = bench(arguments.part, model=arguments.model, records=arguments.records)
    text = json.dumps(report, indent=2)
    print(text)
    if arguments.out is not None:
        arguments.out.write_text(text + "\n")
    return 0


def _enter_ros_environment() -> None:
    """Give this process the same middleware settings as the nodes get; before rclpy is imported."""
    from bridge_ros.deploy.supervisor import ros_environment

    os.environ.update(ros_environment())


if __name__ == "__main__":
    main()
