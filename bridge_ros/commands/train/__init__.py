"""`bridge-ros train`: the table of its stages, one a file."""

from bridge_ros.commands.verb_table import VerbTable

STAGES = VerbTable(
    prog="bridge-ros train",
    kind="stage",
    help="train the action expert, or fine-tune the planner",
    description="The action expert is trained in two stages: pretrain, then finetune on what draw\n"
    "has drawn. The planner's vision-language model is fine-tuned by vlm, on what `bridge-ros\n"
    "annotate` has written.",
    examples="""\
examples:
  bridge-ros train pretrain --out runs/pretrain
  bridge-ros train draw --start runs/pretrain --out runs/interactions --count 2000
  bridge-ros train finetune --start runs/pretrain --shards runs/interactions --out runs/finetune
  bridge-ros train vlm --records runs/sft --out runs/vlm""",
    package="bridge_ros.commands.train",
    verbs={
        "pretrain": "action pre-training: trajectories, no clouds",
        "draw": "draw the contacts that fine-tuning sees, as files",
        "finetune": "point-cloud fine-tuning: contacts, with clouds",
        "vlm": "fine-tuning of the planner's vision-language model",
    },
)
