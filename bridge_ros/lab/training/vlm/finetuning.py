"""Fine-tunes a vision-language model on conversations: TRL's trainer, PEFT's adapters.

TRL's own collator learns from whole conversations or asks for chat templates with marks in them;
`ConversationCollator` finds the replies for any template, which is why it takes its place.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import datasets  # type: ignore[import-untyped]
import numpy as np
import torch
from peft import LoraConfig, PeftModel
from transformers import PrinterCallback, TrainerCallback
from trl.trainer.sft_config import SFTConfig
from trl.trainer.sft_trainer import SFTTrainer

from bridge_ros.errors import ConfigError
from bridge_ros.lab.training.vlm.collator import IGNORED, ConversationCollator
from bridge_ros.lab.training.vlm.conversations import Conversation, evenly_drawn, read_conversations
from bridge_ros.lab.training.vlm.look_loss import LookLoss
from bridge_ros.lab.training.vlm.number_loss import NumberLoss
from bridge_ros.lab.training.vlm.planner_errors import measure_planner
from bridge_ros.lab.training.vlm.small_model import forget_numbers
from bridge_ros.lab.training.vlm.vlm_training_settings import VlmTrainingSettings
from bridge_ros.planner.vlm.coordinates import convention_of
from bridge_ros.planner.vlm.transformers_chat import TransformersChat, load_model
from bridge_ros.planner.vlm.transformers_settings import TransformersSettings

FIGURES_FILE = "figures.jsonl"
MODEL_FOLDER = "model"
_REPLY_TOKENS = 400
_REPLY_S = 600.0

OnStep = Callable[[int], None]


class VlmFinetuning:
    """One run in one folder: checkpoints, `figures.jsonl`, and at its end `model/`.

    Args:
        settings: of the run.
        out: the run's folder.
        on_step: is told the number of every optimiser step that is done.

    Raises:
        ConfigError: if the model or the records cannot be used, or do not fit each other.
    """

    def __init__(
        self, settings: VlmTrainingSettings, out: Path, on_step: OnStep | None = None
    ) -> None:
        self._settings, self._out = settings, out
        if settings.threads:
            torch.set_num_threads(settings.threads)
        records = Path(settings.records)
        self._train = read_conversations(records / "train.jsonl")
        self._validation = read_conversations(records / "validation.jsonl")
        if not self._train:
            raise ConfigError(f"{records / 'train.jsonl'}: expected records, found none")
        self._processor, self._model = load_model(
            TransformersSettings(model=settings.model, device="cpu", dtype="float32")
        )
        _check_coordinates(self._model.config, settings.model, self._train + self._validation)
        # What runs the model reads these there.
        if settings.zoom_share:
            self._model.config.zoom = settings.zoom
        if settings.number_spread:
            self._model.config.median_numbers = True
        if settings.fresh_numbers:
            forget_numbers(self._model, self._processor.tokenizer, seed=settings.seed)
        self._trainer = self._make_trainer(on_step)

    def run(self, *, resume: bool = False) -> dict[str, float | None]:
        """Train to the end, and save the model; returns the last figures.

        Args:
            resume: go on from the folder's newest checkpoint, if there is one.
        """
        newest = _newest_checkpoint(self._out) if resume else None
        self._trainer.train(resume_from_checkpoint=newest)
        figures = self._evaluation.measure(self._trainer.state.global_step)
        model = self._trainer.accelerator.unwrap_model(self._trainer.model)
        if self._settings.method == "lora":
            # Merged, so that what serves models needs to know nothing of adapters.
            model = model.merge_and_unload()
            if self._trainer.is_world_process_zero():
                model.save_pretrained(self._out / MODEL_FOLDER)
        else:
            self._trainer.save_model(str(self._out / MODEL_FOLDER))
        if self._trainer.is_world_process_zero():
            self._processor.save_pretrained(self._out / MODEL_FOLDER)
        return figures

    def _make_trainer(self, on_step: OnStep | None) -> SFTTrainer:
        s = self._settings
        arguments = self._arguments()
        spread = None
        if s.number_spread:
            spread = NumberLoss(self._processor.tokenizer, s.number_spread, s.word_weight)
        look = LookLoss(self._model) if s.look_weight else None
        held_out = evenly_drawn(self._validation, s.evaluate_records)
        self._evaluation = _Evaluation(self._processor, held_out, s, self._out, on_step)
        trainer = _Trainer(
            number_loss=spread,
            look_loss=look,
            look_weight=s.look_weight,
            model=self._model,
            args=arguments,
            train_dataset=datasets.Dataset.from_list(draw_examples(self._train, s)),
            data_collator=ConversationCollator(
                self._processor,
                self._train,
                shift_px=s.shift_px,
                zoom=s.zoom,
                zoom_share=s.zoom_share,
                rename_share=s.rename_share,
                anchor_error_px=s.anchor_error_px,
                recolour_share=s.recolour_share,
                seed=s.seed,
                with_anchors=look is not None,
            ),
            processing_class=self._processor,
            peft_config=self._adapters(),
            callbacks=[self._evaluation],
        )
        trainer.remove_callback(PrinterCallback)
        self._evaluation.model = trainer.accelerator.unwrap_model(trainer.model)
        return trainer

    def _arguments(self) -> SFTConfig:
        s = self._settings
        on_cpu = s.device == "cpu" or not torch.cuda.is_available()
        arguments = SFTConfig(
            output_dir=str(self._out),
            max_steps=s.steps,
            per_device_train_batch_size=s.device_batch_size,
            learning_rate=s.learning_rate,
            lr_scheduler_type="cosine",
            warmup_steps=s.warmup_steps,
            weight_decay=s.weight_decay,
            max_grad_norm=1.0,
            bf16=s.bfloat16 and not (on_cpu and bfloat16_is_slow()),
            gradient_checkpointing=s.gradient_checkpointing,
            dataset_kwargs={"skip_prepare_dataset": True},
            remove_unused_columns=False,
            max_length=None,
            dataloader_num_workers=s.workers,
            dataloader_pin_memory=not on_cpu,
            logging_steps=s.log_every,
            save_steps=s.save_every,
            save_total_limit=s.keep_checkpoints,
            eval_strategy="no",
            report_to="none",
            disable_tqdm=True,
            use_cpu=on_cpu,
            seed=s.seed,
            data_seed=s.seed,
        )
        arguments.gradient_accumulation_steps = s.accumulation(arguments.world_size)
        return arguments

    def _adapters(self) -> LoraConfig | None:
        s = self._settings
        if s.method == "full":
            return None
        return LoraConfig(
            r=s.lora_rank,
            lora_alpha=s.lora_alpha,
            lora_dropout=0.0,
            target_modules=["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj"]
            + ["down_proj"],
            task_type="CAUSAL_LM",
        )


def draw_examples(
    conversations: Sequence[Conversation], settings: VlmTrainingSettings
) -> list[dict[str, int]]:
    """All that a run sees, pass after pass, each pass in an order of its own.

    Returns:
        The number of each `record`, and as its `epoch` how often it came before.
    """
    wanted = settings.steps * settings.batch_size
    rng = np.random.default_rng(settings.seed)
    times = [1 if one.history else settings.first_stage_times for one in conversations]
    one_pass = np.repeat(np.arange(len(conversations)), times)
    seen: Counter[int] = Counter()
    examples: list[dict[str, int]] = []
    while len(examples) < wanted:
        for record in rng.permutation(one_pass).tolist():
            examples.append({"record": record, "epoch": seen[record]})
            seen[record] += 1
    return examples[:wanted]


def bfloat16_is_slow() -> bool:
    """Whether this processor only imitates bfloat16, and is quicker in float32.

    A step of the shipped planner's recipe took 2.7 s with AVX2 alone, in bfloat16 25 s.
    """
    return torch.backends.cpu.get_cpu_capability() in ("DEFAULT", "AVX2")


class _Trainer(SFTTrainer):
    """TRL's trainer, with another loss where one is given, and with weights that come back."""

    def __init__(
        self,
        *,
        number_loss: NumberLoss | None,
        look_loss: LookLoss | None,
        look_weight: float,
        **options: Any,
    ) -> None:
        super().__init__(**options)
        self._number_loss, self._look_loss = number_loss, look_loss
        self._look_weight = look_weight

    def compute_loss(
        self,
        model: Any,
        inputs: dict[str, Any],
        return_outputs: bool = False,
        num_items_in_batch: Any = None,
    ) -> Any:
        if self._number_loss is None or return_outputs:
            return super().compute_loss(  # type: ignore[no-untyped-call]
                model, inputs, return_outputs, num_items_in_batch
            )
        labels = inputs.pop("labels")
        # The last token before the first reply foretells its first one.
        start = max(int((labels != IGNORED).any(dim=0).nonzero()[0]) - 1, 0)
        kept = torch.arange(start, labels.shape[1], device=labels.device)
        anchors = inputs.pop("anchors", None)
        if self._look_loss is not None:
            self._look_loss.watch(self._number_loss.up_to_anchor(labels))
        logits = model(**inputs, use_cache=False, logits_to_keep=kept).logits
        loss = self._number_loss(logits, labels[:, start:])
        if self._look_loss is not None:
            loss = loss + self._look_weight * self._look_loss(inputs["input_ids"], anchors)
        # What TRL's loss does for us otherwise: a step's gradient is the mean over its batches.
        return loss / self.current_gradient_accumulation_steps

    def _load_from_checkpoint(self, resume_from_checkpoint: str, model: Any = None) -> None:
        """Load a checkpoint's weights.

        Vision-language models save weights under other names than they have in memory. Trainer
        does not know that, and would go on with untrained ones (huggingface/transformers#43701).
        """
        if model is not None or self.is_fsdp_enabled or isinstance(self.model, PeftModel):
            super()._load_from_checkpoint(resume_from_checkpoint, model)
            return
        mine: Any = self.model
        saved = type(mine).from_pretrained(resume_from_checkpoint, dtype=mine.dtype)
        mine.load_state_dict(saved.state_dict())


class _Evaluation(TrainerCallback):
    """Lets the model plan held-out frames now and then, and keeps all figures as JSON lines.

    Every process plans the same frames, since the weights may be spread over all of them.
    """

    model: Any = None

    def __init__(
        self,
        processor: Any,
        conversations: Sequence[Conversation],
        settings: VlmTrainingSettings,
        out: Path,
        on_step: OnStep | None,
    ) -> None:
        self._processor, self._conversations = processor, conversations
        self._settings, self._out, self._on_step = settings, out, on_step
        self._measured: tuple[int, dict[str, float | None]] = (-1, {})

    def on_step_end(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        """Evaluate when it is time."""
        if state.global_step % self._settings.evaluate_every == 0:
            self.measure(state.global_step)
        if self._on_step is not None:
            self._on_step(state.global_step)

    def on_log(self, args: Any, state: Any, control: Any, logs: Any = None, **kwargs: Any) -> None:
        """Keep the loss."""
        if state.is_world_process_zero and logs and "loss" in logs:
            kept = {"loss", "learning_rate", "grad_norm", "mean_token_accuracy"} & set(logs)
            self._write({"step": state.global_step, **{name: logs[name] for name in kept}})

    def measure(self, step: int) -> dict[str, float | None]:
        """The figures of the model as it is; those of a step are measured once."""
        if self._measured[0] == step or not self._conversations:
            return self._measured[1]
        training = self.model.training
        self.model.eval()
        chat = TransformersChat(
            TransformersSettings(
                model=self._settings.model,
                coordinates=self._conversations[0].convention,
                max_new_tokens=_REPLY_TOKENS,
                timeout_s=_REPLY_S,
            ),
            loaded=(self._processor, self.model),
        )
        errors = measure_planner(chat, self._conversations)
        self.model.train(training)
        figures = errors.figures()
        self._measured = step, figures
        if not torch.distributed.is_initialized() or torch.distributed.get_rank() == 0:
            self._write({"step": step, **figures, "refusals": list(errors.refusals)})
        return figures

    def _write(self, figures: dict[str, Any]) -> None:
        self._out.mkdir(parents=True, exist_ok=True)
        line = json.dumps(figures)
        print(line, flush=True)
        with (self._out / FIGURES_FILE).open("a", encoding="utf-8") as file:
            file.write(line + "\n")


def _newest_checkpoint(out: Path) -> str | None:
    """The newest one that was written to its end: its state comes last."""
    whole = [file.parent for file in out.glob("checkpoint-*/trainer_state.json")]
    by_step = sorted(whole, key=lambda folder: int(folder.name.split("-")[1]))
    return str(by_step[-1]) if by_step else None


def _check_coordinates(config: Any, model: str, conversations: Sequence[Conversation]) -> None:
    expected = convention_of(
        "auto",
        declared=str(getattr(config, "image_coordinates", "")),
        model_type=config.model_type,
        name=model,
    )
    found = {conversation.convention for conversation in conversations}
    if found != {expected}:
        raise ConfigError(
            f"records: expected coordinates as {model} tells them, {expected}; got "
            f"{sorted(found)}: annotate with --coordinates {expected}"
        )
