"""Runs of one task and batch, trained side by side in lock step."""

import math
import time
from dataclasses import dataclass, field

import torch
from torch import Tensor

from largebatch.data.load import Dataset
from largebatch.study.run import Optimizer
from largebatch.study.schedule import Schedule
from largebatch.training.execution import AUTO, Execution
from largebatch.training.history import Row
from largebatch.training.steps import Setting, Steps


@dataclass(eq=False)
class Lane:
    """One run in training: its settings, its rows so far, and the epoch it diverged in, if any."""

    spec: dict
    rows: list[Row] = field(default_factory=list)
    diverged: int | None = None

    @property
    def raw_lr(self) -> float:
        """e = effective_lr (1 - m), eq. 9 of the paper."""
        return self.spec["effective_lr"] * (1 - self.spec["momentum"])

    @property
    def setting(self) -> Setting:
        form = Optimizer.parse(self.spec["optimizer"]).family
        return Setting(self.spec["seed"], self.spec["momentum"], self.raw_lr, form)


class Pack:
    """Lanes in lock step: the same epoch and step for all, everything else their own.

    On the CPU a lone run is trained beside a copy of itself: kernels for one lane differ in the
    last bits from those for several, and a run's bits may not depend on its company.
    (docs/kernels.md says what holds on a GPU.)
    """

    def __init__(
        self,
        lanes: list[Lane],
        data: Dataset,
        device: torch.device,
        execution: Execution = AUTO,
    ):
        self.lanes, self.data = lanes, data
        self.task = lanes[0].spec["task"]
        self._copies = 2 if len(lanes) == 1 and device.type == "cpu" else 1
        settings = [lane.setting for lane in lanes] * self._copies
        batch = lanes[0].spec["batch"]
        self.steps = Steps(self.task, data, batch, settings, device, execution)
        self.model, self.feed = self.steps.model, self.steps.feed
        self.epoch, self.step = 1, 0
        self.has_accuracy = self.task["model"]["kind"] == "wrn"

    def initialise(self) -> None:
        """Draw every seed's weights and record the metrics before training (row 0)."""
        self.steps.initialise()
        started = time.monotonic()
        test_loss, test_accuracy = self._evaluate()
        for k, lane in enumerate(self.lanes):
            seconds = time.monotonic() - started
            row = Row(0, 0, lane.raw_lr, None, test_loss[k], None, test_accuracy[k], seconds)
            lane.rows.append(row)

    def train_epoch(self, pause) -> bool:
        """Train to the end of the epoch and record its rows; False if `pause()` said to stop."""
        started = time.monotonic()
        factor = Schedule(self.task["schedule"]).factor(self.epoch)
        self.steps.start_epoch(self.epoch, factor, self.step)
        while self.step < self.feed.steps:
            self.steps.take(self.step)
            self.step += 1
            if pause(self):
                return False
        self._note_epoch(started, factor)
        self.epoch, self.step = self.epoch + 1, 0
        return True

    @property
    def finished(self) -> bool:
        return self.epoch > self.task["epochs"]

    def export(self, lane: Lane) -> dict[str, Tensor]:
        """A copy on the CPU of one lane's numbers: all that `restore` needs."""
        k = self.lanes.index(lane)
        state = self.steps.state()
        return {name: tensor[k].to("cpu", copy=True) for name, tensor in state.items()}

    def restore(self, states: list[dict[str, Tensor]], epoch: int, step: int) -> None:
        """Restore exported lanes, in the order of `lanes`, and go to their epoch and step."""
        for k, state in enumerate(states * self._copies):
            for name, tensor in self.steps.state().items():
                tensor[k].copy_(state[name])
        self.epoch, self.step = epoch, step

    def _note_epoch(self, started: float, factor: float) -> None:
        train_loss, train_accuracy = (mean.tolist() for mean in self.steps.means())
        test_loss, test_accuracy = self._evaluate()
        steps, seconds = self.epoch * self.feed.steps, time.monotonic() - started
        for k, lane in enumerate(self.lanes):
            if not _finite(train_loss[k], test_loss[k]):
                lane.diverged = lane.diverged or self.epoch
            if lane.diverged is None:
                accuracy = train_accuracy[k] if self.has_accuracy else None
                metrics = (train_loss[k], test_loss[k], accuracy, test_accuracy[k])
                rate = lane.raw_lr * factor
                lane.rows.append(Row(self.epoch, steps, rate, *metrics, seconds))

    def _evaluate(self) -> tuple[list[float], list[float | None]]:
        loss, accuracy = self.steps.evaluate()
        return loss.tolist(), accuracy.tolist() if accuracy is not None else [None] * len(loss)


def _finite(*values: float) -> bool:
    return all(map(math.isfinite, values))
