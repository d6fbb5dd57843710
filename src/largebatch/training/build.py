"""From a run's settings to a model and its minibatches."""

import torch

from largebatch.data.load import Dataset
from largebatch.models.autoencoder import Autoencoder
from largebatch.models.lane_model import LaneModel
from largebatch.models.lstm import LSTM
from largebatch.models.wrn import WideResNet
from largebatch.training.feed import Feed
from largebatch.training.image_feed import ImageFeed
from largebatch.training.token_feed import TokenFeed

MODELS = {"wrn": WideResNet, "autoencoder": Autoencoder, "lstm": LSTM}


def build_model(task: dict, facts: dict, lanes: int, batch: int, device: torch.device) -> LaneModel:
    """`lanes` untrained models of the task's kind; all weights are zero until initialised."""
    settings = task["model"]
    streams = {"batch": batch} if settings["kind"] == "lstm" else {}  # it has a state for each
    model = MODELS[settings["kind"]]
    return model(settings, facts, lanes, dtype=torch.float32, device=device, **streams)


def build_feed(
    task: dict, data: Dataset, seeds: list[int], batch: int, device: torch.device
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
