"""Builds a run's model and its minibatches from its settings."""

from typing import TYPE_CHECKING

import torch

from largebatch.models.autoencoder import Autoencoder
from largebatch.models.lane_model import LaneModel
from largebatch.models.lstm import LSTM
from largebatch.models.wrn import WideResNet
from largebatch.training.execution import AUTO, Execution
from largebatch.training.feeds.feed import Feed
from largebatch.training.feeds.images import ImageFeed
from largebatch.training.feeds.tokens import TokenFeed

if TYPE_CHECKING:
    from largebatch.data.load import Dataset

MODELS = {"wrn": WideResNet, "autoencoder": Autoencoder, "lstm": LSTM}
# The type of activations; weights, statistics and the update are float32 at every precision.
COMPUTE = {"fp32": torch.float32, "tf32": torch.float32, "bf16": torch.bfloat16}


def build_model(
    task: dict,
    facts: dict,
    lanes: int,
    batch: int,
    device: torch.device,
    execution: Execution = AUTO,
) -> LaneModel:
    """`lanes` untrained models of the task's kind; all weights are zero until initialised."""
    settings, special = task["model"], {}
    if settings["kind"] == "lstm":
        # An LSTM has a state for each stream of the batch.
        special = {"batch": batch, "own_kernels": execution.own_kernels(device)}
        special["few_rows"] = task["l2"] == 0  # L2 is added to every row of the gradient
    if settings["kind"] == "wrn":
        special = {
            "compute": COMPUTE[task["precision"]],  # type: ignore[dict-item]
            "convolutions": execution.convolved(device, task, facts, batch),  # type: ignore[dict-item]
            "own_kernels": execution.own_kernels(device),
        }
    model = MODELS[settings["kind"]]
    return model(settings, facts, lanes, dtype=torch.float32, device=device, **special)


def build_feed(
    task: dict, data: "Dataset", seeds: list[int], batch: int, device: torch.device
) -> Feed:
    """Minibatches of `batch` examples for each of the seeds."""
    kind = task["model"]["kind"]
    if kind == "lstm":
        text = {key: task["model"][key] for key in ("unroll", "batchify")}
        return TokenFeed(data, seeds, batch, **text, device=device)
    return ImageFeed(
        data,
        seeds,
        batch,
        target="input" if kind == "autoencoder" else "label",
        augmentation=task.get("augmentation"),
        last_batch=task["last_batch"],
        device=device,
    )
