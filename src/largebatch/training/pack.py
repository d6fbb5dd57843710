"""Runs of one task and batch, trained side by side in lock step."""

import math
import time
from dataclasses import dataclass, field

import torch
from torch import Tensor

from largebatch.data.load import Dataset
from largebatch.models.streams import generator
from largebatch.study.run import Optimizer
from largebatch.study.schedule import Schedule
from largebatch.training.build import build_feed, build_model
from largebatch.training.history import Row
from largebatch.training.update import (
    accumulate_,
    add_l2_,
    clip_gradient_,
    clip_velocity_,
    descend_,
    descend_nesterov_,
)


@dataclass(eq=False)
class Lane:
    """One run on its way: its settings, its rows so far, and when it diverged, if it did."""

    spec: dict
    rows: list[Row] = field(default_factory=list)
    diverged: int | None = None

    @property
    def raw_lr(self) -> float:
        """e = effective_lr (1 - m), eq. 9 of the paper."""
        return self.spec["effective_lr"] * (1 - self.spec["momentum"])


class Pack:
    """Lanes in lock step: the same epoch and step for all, everything else their own.

    A lone run gets an idle twin beside it: kernels for one lane differ in the last bits from those
    for several, and a run's bits may not depend on its company.
    """

    def __init__(self, lanes: list[Lane], data: Dataset, device: torch.device):
        self.lanes = lanes
        self.data = data
        self.device = device
        self.task = lanes[0].spec["task"]
        specs = [lane.spec for lane in (lanes if len(lanes) > 1 else lanes * 2)]
        seeds = [spec["seed"] for spec in specs]
        self.model = build_model(self.task, data.facts, len(specs), specs[0]["batch"], device)
        self.feed = build_feed(self.task, data, seeds, specs[0]["batch"], device)
        self.momentum = _column([spec["momentum"] for spec in specs], device)
        self.raw_lr = _column([s["effective_lr"] * (1 - s["momentum"]) for s in specs], device)
        nesterov = [float(Optimizer.parse(spec["optimizer"]).nesterov) for spec in specs]
        self.nesterov = _column(nesterov, device) if any(nesterov) else None
        self.epoch, self.step = 1, 0
        self.loss_sum = torch.zeros(len(specs), dtype=torch.float64, device=device)
        self.accuracy_sum = torch.zeros_like(self.loss_sum)
        self.has_accuracy = self.task["model"]["kind"] == "wrn"

    def initialise(self) -> None:
        """Draw every lane's weights and note the metrics before training (row 0)."""
        seeds = [lane.spec["seed"] for lane in self.lanes]
        for k, seed in enumerate(seeds if len(seeds) > 1 else seeds * 2):
            self.model.initialise(k, generator(seed, "init"))
        started = time.monotonic()
        test_loss, test_accuracy = self._evaluate()
        for k, lane in enumerate(self.lanes):
            seconds = time.monotonic() - started
            row = Row(0, 0, lane.raw_lr, None, test_loss[k], None, test_accuracy[k], seconds)
            lane.rows.append(row)

    def train_epoch(self, pause) -> bool:
        """Go on to the end of the epoch and note its rows; False if `pause()` said to stop."""
        started = time.monotonic()
        self.feed.start_epoch(self.epoch)
        if self.step == 0:
            self.model.start_epoch()
        rate = self.raw_lr * Schedule(self.task["schedule"]).factor(self.epoch)
        while self.step < self.feed.steps:
            self._train_step(rate)
            self.step += 1
            if pause(self):
                return False
        self._note_epoch(rate, started)
        self.epoch, self.step = self.epoch + 1, 0
        return True

    @property
    def finished(self) -> bool:
        return self.epoch > self.task["epochs"]

    def export(self, lane: Lane) -> dict[str, Tensor]:
        """A copy of one lane's numbers, on the CPU: all that `restore` needs."""
        k = self.lanes.index(lane)
        return {name: tensor[k].to("cpu", copy=True) for name, tensor in self._state().items()}

    def restore(self, states: list[dict[str, Tensor]], epoch: int, step: int) -> None:
        """Put exported lanes in their slots, in the order of `lanes`, and go to where they were."""
        for k, state in enumerate(states if len(states) > 1 else states * 2):
            for name, tensor in self._state().items():
                tensor[k].copy_(state[name])
        self.epoch, self.step = epoch, step

    def _state(self) -> dict[str, Tensor]:
        """Everything that a lane is, lane first, by name."""
        sums = {"sum.loss": self.loss_sum, "sum.accuracy": self.accuracy_sum}
        model = {f"model.{name}": tensor for name, tensor in self.model.state.items()}
        return self.model.parameters.state() | model | sums

    def _train_step(self, rate: Tensor) -> None:
        loss, accuracy = self.model.gradient(self.feed.batch(self.step))
        self._update(rate)
        size = self.feed.sizes[self.step]
        self.loss_sum.add_(loss, alpha=size)
        if accuracy is not None:
            self.accuracy_sum.add_(accuracy, alpha=size)

    def _update(self, rate: Tensor) -> None:
        """Clip, add L2, and take the optimizer's step."""
        parameters, clip = self.model.parameters, self.task.get("clip")
        if clip and clip["of"] == "gradient":
            clip_gradient_(parameters, clip["norm"], clip["scope"])
        add_l2_(parameters, self.task["l2"], self.task["l2_on"] == "all")
        for block in parameters.blocks:
            accumulate_(block, self.momentum)
        if clip and clip["of"] == "update":
            clip_velocity_(parameters, clip["norm"], clip["scope"])
        for block in parameters.blocks:
            if self.nesterov is None:
                descend_(block, rate)
            else:
                descend_nesterov_(block, rate, self.momentum, self.nesterov)

    def _note_epoch(self, rate: Tensor, started: float) -> None:
        examples = sum(self.feed.sizes)
        train_loss = (self.loss_sum / examples).tolist()
        train_accuracy = (self.accuracy_sum / examples).tolist()
        test_loss, test_accuracy = self._evaluate()
        rates, seconds = rate.squeeze(1).tolist(), time.monotonic() - started
        for k, lane in enumerate(self.lanes):
            if not _finite(train_loss[k], test_loss[k]):
                lane.diverged = lane.diverged or self.epoch
            if lane.diverged is None:
                accuracy = train_accuracy[k] if self.has_accuracy else None
                metrics = (train_loss[k], test_loss[k], accuracy, test_accuracy[k])
                steps = self.epoch * self.feed.steps
                lane.rows.append(Row(self.epoch, steps, rates[k], *metrics, seconds))
        self.loss_sum.zero_()
        self.accuracy_sum.zero_()

    def _evaluate(self) -> tuple[list[float], list[float | None]]:
        loss, accuracy = self.model.evaluate(self.feed.test())
        return loss.tolist(), accuracy.tolist() if accuracy is not None else [None] * len(loss)


def _column(values: list[float], device: torch.device) -> Tensor:
    """(lanes, 1): one number a lane, to be broadcast over (lanes, size)."""
    return torch.tensor(values, dtype=torch.float32, device=device).unsqueeze(1)


def _finite(*values: float) -> bool:
    return all(map(math.isfinite, values))
