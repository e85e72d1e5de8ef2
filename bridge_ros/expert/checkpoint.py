"""A checkpoint is a folder: `config.json` and `model.safetensors`; never a pickle."""

from __future__ import annotations

from pathlib import Path

from bridge_ros.errors import CheckpointError
from bridge_ros.expert.configuration import ExpertConfig
from bridge_ros.expert.modeling import ActionExpertNetwork

CONFIG_FILE = "config.json"
WEIGHTS_FILE = "model.safetensors"


def save_checkpoint(folder: Path, network: ActionExpertNetwork) -> None:
    """Write the network and its config; an older checkpoint there is replaced file by file."""
    from safetensors.torch import save

    folder.mkdir(parents=True, exist_ok=True)
    weights = {name: value.cpu().contiguous() for name, value in network.state_dict().items()}
    for name, content in (
        (WEIGHTS_FILE, save(weights, {"format": "pt"})),
        (CONFIG_FILE, network.config.to_json().encode()),
    ):
        partial = folder / f".{name}.partial"
        partial.write_bytes(content)
        partial.replace(folder / name)


def load_checkpoint(folder: Path) -> ActionExpertNetwork:
    """Read a network, in evaluation mode.

    Raises:
        CheckpointError: if the folder is not one, or its files are damaged or of another shape.
    """
    import torch
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    for name in (CONFIG_FILE, WEIGHTS_FILE):
        if not (folder / name).is_file():
            raise CheckpointError(
                f"{folder}: expected a folder with {CONFIG_FILE} and {WEIGHTS_FILE}, "
                f"but {name} is missing; train one with: bridge-ros train pretrain"
            )
    try:
        config = ExpertConfig.from_json((folder / CONFIG_FILE).read_text(encoding="utf-8"))
        weights = load_file(folder / WEIGHTS_FILE)
    except CheckpointError as error:
        raise CheckpointError(f"{folder}: {error}") from error
    except (SafetensorError, OSError, ValueError) as error:
        raise CheckpointError(
            f"{folder / WEIGHTS_FILE}: expected a whole safetensors file: {error}"
        ) from error
    network = ActionExpertNetwork(config)
    try:
        network.load_state_dict(weights)
    except RuntimeError as error:
        raise CheckpointError(
            f"{folder}: the weights do not fit the shapes in {CONFIG_FILE}: {error}"
        ) from error
    if not all(bool(torch.isfinite(value).all()) for value in weights.values()):
        raise CheckpointError(f"{folder / WEIGHTS_FILE}: expected finite weights")
    return network.eval()
