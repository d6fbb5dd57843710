"""The arithmetic of a pack: a model of several lanes, its minibatches, and the update rule.

Needs only PyTorch, so that benchmarks run where nothing else is installed.
"""

from dataclasses import dataclass

import torch
from torch import Tensor

from largebatch.models.replay import plainly
from largebatch.models.streams import generator
from largebatch.training.build import build_feed, build_model
from largebatch.training.execution import AUTO, Execution
from largebatch.training.graph import EpochGraphs
from largebatch.training.update import (
    accumulate_,
    add_l2_,
    clip_factor,
    clip_gradient_,
    clip_velocity_,
    corrected_,
    descend_,
    descend_nesterov_,
)

# The forms that each way of computing a step knows; a pack with any other form goes without it.
KERNELS = {"sgd", "momentum", "corrected"}  # w <- w - e v at any rate: all of our own kernels
OUTER = KERNELS | {"nesterov"}  # `models.outer`, on the CPU
FORMS = KERNELS | {"nesterov"}  # `_update`, operation by operation


@dataclass(frozen=True)
class Setting:
    """What tells lanes apart: the seed, m, e = effective_lr (1 - m), and the update's form.

    form: the family in the optimizer's name; SGD may also be momentum with m = 0.
    """

    seed: int
    momentum: float
    raw_lr: float
    form: str = "momentum"


class Steps:
    """Takes lanes in lock step through one epoch after another; reads nothing back to the host."""

    def __init__(
        self,
        task: dict,
        data,
        batch: int,
        settings: list[Setting],
        device: torch.device,
        execution: Execution = AUTO,
    ):
        self.task, self.device = task, device
        self.forms = {one.form for one in settings}
        if not self.forms <= FORMS:
            unknown = ", ".join(sorted(self.forms - FORMS))
            raise ValueError(f"training/steps.py: FORMS has no {unknown}; see CONTRIBUTING.md.")
        self.model = build_model(task, data.facts, len(settings), batch, device, execution)
        self.seeds = [one.seed for one in settings]
        self.feed = build_feed(task, data, self.seeds, batch, device)
        self.momentum = _column([one.momentum for one in settings], device)
        self.raw_lr = _column([one.raw_lr for one in settings], device)
        nesterov = [float(one.form == "nesterov") for one in settings]
        self.nesterov = _column(nesterov, device) if any(nesterov) else None
        corrected = [one.momentum * (one.form == "corrected") for one in settings]
        self.corrected = _column(corrected, device, torch.float64) if any(corrected) else None
        # m^s after s updates in corrected lanes, 0 in others; part of every lane's state.
        self.bias = _column([float(m > 0) for m in corrected], device, torch.float64)
        self.loss_sum = torch.zeros(len(settings), dtype=torch.float64, device=device)
        self.accuracy_sum = torch.zeros_like(self.loss_sum)
        graphed = execution.graphed(device)
        self.graphs = EpochGraphs(self.feed, self.train_on, self.raw_lr) if graphed else None
        self._play = self.graphs.play if self.graphs else plainly
        self._fused = self._can_fuse(batch, execution)
        self._in_one_pass = self._one_pass(execution)

    def initialise(self) -> None:
        """Draw every lane's weights, once for all lanes of the same seed."""
        drawn: dict[int, int] = {}  # a seed's first lane
        for lane, seed in enumerate(self.seeds):
            if seed in drawn:
                self.model.parameters.copy_weights(drawn[seed], lane)
            else:
                self.model.initialise(lane, generator(seed, "init"))
                drawn[seed] = lane

    def start_epoch(self, epoch: int, factor: float, step: int = 0) -> None:
        """Start epoch 1, 2, ... at `step`; `factor`: the schedule's, of the learning rate."""
        self.feed.start_epoch(epoch)
        if step == 0:
            self.model.start_epoch()
        self.rate = self.raw_lr * factor
        if self.graphs:
            self.graphs.start_epoch(step, self.rate)

    def take(self, step: int) -> None:
        """Take one step of all lanes."""
        if self.graphs:
            self.graphs.take(self.feed.sizes[step])
        else:
            self.train_on(self.feed.batch(step), self.rate)

    def train_on(self, batch, rate: Tensor) -> None:
        """Compute the gradient, update, and add to the sums behind the epoch's means."""
        if self.corrected is not None:
            rate = corrected_(rate, self.bias, self.corrected)
        if self._fused:
            how = self.momentum, rate, self.task, self.nesterov
            loss, accuracy = self.model.descend(batch, *how)  # type: ignore[attr-defined]
        else:
            loss, accuracy = self.model.gradient(batch)
            self._update(rate)
        size = batch.inputs.shape[1]
        self.loss_sum.add_(loss, alpha=size)
        if accuracy is not None:
            self.accuracy_sum.add_(accuracy, alpha=size)

    def evaluate(self) -> tuple[Tensor, Tensor | None]:
        """(loss, accuracy) over the test set, (lanes,) float64."""
        return self.model.evaluate(self.feed.test(), self._play)

    def means(self) -> tuple[Tensor, Tensor]:
        """Mean training loss and accuracy over the epoch, (lanes,) each; clears the sums."""
        examples = sum(self.feed.sizes)
        means = self.loss_sum / examples, self.accuracy_sum / examples
        self.loss_sum.zero_()
        self.accuracy_sum.zero_()
        return means

    def state(self) -> dict[str, Tensor]:
        """Everything that a lane consists of, by name; the lane is the first dimension."""
        own = {"bias": self.bias, "sum.loss": self.loss_sum, "sum.accuracy": self.accuracy_sum}
        model = {f"model.{name}": tensor for name, tensor in self.model.state.items()}
        return self.model.parameters.state() | model | own

    def _can_fuse(self, batch: int, execution: Execution) -> bool:
        """Whether gradient and update can be one pass over the weights (`Autoencoder.descend`).

        On the CPU a lane's bits may not depend on its neighbours' forms; as long as `OUTER` has
        every form, the task alone decides.
        """
        is_dense = self.task["model"]["kind"] == "autoencoder"
        if not is_dense or batch > 1 or self.task.get("clip"):
            return False
        if self.model.one_by_one:  # type: ignore[attr-defined]
            return self.forms <= OUTER
        return self.forms <= KERNELS and execution.own_kernels(self.device)

    def _one_pass(self, execution: Execution):
        """The kernel that does all of `_update`, or None if there is none for this pack."""
        clip = self.task.get("clip") or {"of": "gradient", "scope": "global"}
        known = self.forms <= KERNELS and (clip["of"], clip["scope"]) == ("gradient", "global")
        if not known or not execution.own_kernels(self.device):
            return None
        from largebatch.kernels.heavy_ball import HeavyBall

        return HeavyBall(self.model.parameters, self.task["l2"], self.task["l2_on"] == "all")

    def _update(self, rate: Tensor) -> None:
        """Clip, add L2, and take the optimizer's step."""
        parameters, clip = self.model.parameters, self.task.get("clip")
        if self._in_one_pass is not None:
            gradients = [block.gradient for block in parameters.blocks]
            factor = clip_factor(gradients, clip["norm"]) if clip else None
            self._in_one_pass.descend(self.momentum, rate, factor)
            return
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


def _column(values: list[float], device: torch.device, dtype=torch.float32) -> Tensor:
    """(lanes, 1): one number per lane, to be broadcast over (lanes, size)."""
    return torch.tensor(values, dtype=dtype, device=device).unsqueeze(1)
