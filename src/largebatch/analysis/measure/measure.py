"""Curvature and gradient noise along the training of a figure's runs.

Of each sweep these are SGD at the smallest learning rate, where the network does not adapt to the
rate (Cohen et al. 2021), and SGD and momentum at the optimum. They are trained again here, bit for
bit.
"""

from collections.abc import Iterator

import torch

from largebatch.analysis.measure import curvature, noise
from largebatch.analysis.measure.objective import Weights, objective_of
from largebatch.analysis.measure.probe import Probe
from largebatch.analysis.measure.retrain import weights_along
from largebatch.data.load import Dataset
from largebatch.models.streams import generator
from largebatch.study import Optimizer, Run, Study, Sweep
from largebatch.training.execution import Execution
from largebatch.training.pack import Lane

EXAMPLES = 512  # on which h_max is measured
SHARPNESS_BATCHES = 8
NOISE_BATCHES = tuple(4**k for k in range(1, 6))
MOST_GRADIENTS = 64  # for each size of minibatch
GHOST = 16  # examples that share their statistics in the ghost variant


def chosen_runs(study: Study, sweep: Sweep, optimum: float | None) -> list[Run]:
    """The runs of a sweep to measure, the smallest rate first, with every seed."""
    by_momentum = sorted(sweep.optimizers, key=lambda name: Optimizer.parse(name).momentum)
    points = [(by_momentum[0], min(sweep.effective_lrs))]
    points += [(name, optimum) for name in by_momentum[:2] if optimum is not None]
    return [
        Run(study.name, sweep.task, sweep.batch, optimizer, lr, seed)
        for optimizer, lr in dict.fromkeys(points)
        for seed in sweep.seeds
    ]


def chosen_epochs(epochs: int) -> list[int]:
    """The first, the middle and the last epoch."""
    return sorted({1, max(1, epochs // 2), epochs})


def measure_runs(
    study: Study,
    noisy: dict[Run, bool],
    lanes: dict[Run, Lane],
    data: Dataset,
    device: torch.device,
    execution: Execution,
) -> Iterator[tuple[Run, dict]]:
    """Train runs of one task and batch in `lanes`; yield each with what is measured.

    That is a row of `files.SCHEMA`. noisy: whether the noise of gradients is measured, too.
    """
    task = study.tasks[next(iter(noisy)).task]
    probe, epochs = Probe(task.model, data, device), chosen_epochs(task.epochs)
    run_of = {lane: run for run, lane in lanes.items()}
    for epoch, lane, weights in weights_along([*run_of], data, epochs, device, execution):
        run = run_of[lane]
        found = list(_curvature(probe, run.batch, weights))
        if noisy[run]:
            found += _noise(probe, weights)
        yield from ((run, _row(run, epoch, *measured, task.model)) for measured in found)


def measure_variants(study: Study, run: Run, data: Dataset, device: torch.device) -> Iterator[dict]:
    """Noise of the same run trained with ghost batch norm and without any (paper, sec. 1.1).

    The variant that the run itself was trained with is skipped.
    """
    task = study.tasks[run.task]
    for changes in ({"ghost_batch": GHOST}, {"normalization": "none", "ghost_batch": None}):
        model = {key: v for key, v in (task.model | changes).items() if v is not None}
        if normalization_of(model) == normalization_of(task.model):
            continue
        spec = study.spec(run)
        lane = Lane(spec | {"task": spec["task"] | {"model": model}})
        probe = Probe(model, data, device)
        for epoch, _, weights in weights_along([lane], data, [task.epochs], device):
            yield from (_row(run, epoch, *m, model) for m in _noise(probe, weights))


def normalization_of(model: dict) -> str | None:
    """batch, ghost or none; None for models that never normalise."""
    if "normalization" not in model:
        return None
    if model["normalization"] == "batch" and model.get("ghost_batch"):
        return "ghost"
    return model["normalization"]


Measured = tuple[str, int, float]  # quantity, size of the minibatches, value


def _curvature(probe: Probe, batch: int, weights: Weights) -> Iterator[Measured]:
    objective = objective_of(probe.model)
    whole = min(EXAMPLES, probe.examples)
    # With batch norm the loss is that of minibatches of the run's own size, and of no other.
    size = min(batch if normalization_of(probe.model) == "batch" else whole, whole)
    hessian = curvature.Hessian(objective, weights, probe.minibatches(size, whole // size))
    found = curvature.h_max(hessian, generator(0, "lanczos"))
    yield "h_max", size, found.value
    yield "h_max_residual", size, found.residual
    size = min(batch, probe.examples)
    batches = probe.minibatches(size, SHARPNESS_BATCHES)
    yield "batch_sharpness", size, curvature.batch_sharpness(objective, weights, batches)


def _noise(probe: Probe, weights: Weights) -> Iterator[Measured]:
    objective = objective_of(probe.model)
    for size in (size for size in NOISE_BATCHES if size * 8 <= probe.examples):
        batches = probe.minibatches(size, MOST_GRADIENTS)
        gradients = (curvature.gradient(objective, weights, batch) for batch in batches)
        found = noise.noise_of(gradients, size, probe.examples, generator(0, "projections"))
        yield "noise_trace", size, found.trace
        yield "excess_kurtosis", size, found.excess_kurtosis
        if found.scale is not None:
            yield "noise_scale", size, found.scale


def _row(run: Run, epoch: int, quantity: str, probe_batch: int, value: float, model: dict) -> dict:
    return {
        "quantity": quantity,
        "task": run.task,
        "batch": run.batch,
        "optimizer": run.optimizer,
        "effective_lr": run.lr,
        "seed": run.seed,
        "epoch": epoch,
        "value": value,
        "probe_batch": probe_batch,
        "normalization": normalization_of(model),
    }
