"""What a pack is thought to take of a GPU's memory."""

from dataclasses import replace

import pytest
import torch
from gpu_table import ROWS, kind_and_batch

from largebatch.models import branches
from largebatch.models.lstm_layout import held_units
from largebatch.study import load_study
from largebatch.study.device_memory import CONTEXT_MB, TEST_IMAGES, device_mb
from largebatch.study.kinds.lstm import MULTIPLE
from largebatch.study.kinds.table import kind_of
from largebatch.study.kinds.wrn import WRN
from largebatch.training.build import build_model
from largebatch.training.feeds.images import TEST_CHUNK_GPU

PAPER = load_study("paper")
FACTS = {
    "cifar10": {"shape": [3, 32, 32], "classes": 10},
    "mnist": {"shape": [1, 28, 28], "classes": 10},
    "ptb": {"vocabulary": 10_000},
}


@pytest.mark.parametrize("name", ["wrn-16-4_cifar10", "autoencoder_mnist", "lstm_ptb"])
def test_weights_are_those_of_the_model(name: str) -> None:
    task = PAPER.tasks[name]
    model = build_model(task.settings, FACTS[task.dataset], 1, 1, torch.device("cpu"))
    counted = kind_of(task.model).weights(task.model, PAPER.amount(task.dataset).each)
    there = sum(weight.numel() for weight in model.parameters.weight.values())
    assert counted == pytest.approx(there, rel=0.01)


def run(task: str, batch: int):
    return next(r for r in PAPER.runs if r.task == task and r.batch == batch)


def test_more_lanes_and_larger_batches_take_more() -> None:
    small, large = run("wrn-16-4_cifar10", 32), run("wrn-16-4_cifar10", 1024)
    assert CONTEXT_MB < device_mb(PAPER, small, 1) < device_mb(PAPER, small, 8)
    assert device_mb(PAPER, small, 1) < device_mb(PAPER, large, 1) < 32_000


def test_lanes_beyond_those_that_are_tested_at_a_time_take_memory_for_training_alone() -> None:
    tested = WRN.test_lanes
    few, many, more = (
        device_mb(PAPER, run("wrn-16-4_cifar10", 32), count) for count in (0, tested, 2 * tested)
    )
    assert more - many < 0.5 * (many - few)


def test_every_run_of_the_paper_has_an_estimate_that_fits_a_large_gpu() -> None:
    assert all(CONTEXT_MB < device_mb(PAPER, r, 1) < 80_000 for r in PAPER.runs)


def test_training_does_as_is_thought() -> None:
    assert (TEST_IMAGES, WRN.test_lanes) == (TEST_CHUNK_GPU, branches.STREAMS)
    assert [held_units(MULTIPLE + k) // MULTIPLE for k in (-1, 0, 1)] == [1, 1, 2]


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_estimates_are_above_what_was_measured(row: dict) -> None:
    kind, batch = kind_and_batch(row["workload"])
    one = next(r for r in PAPER.runs if r.batch == batch and r.task.startswith(kind))
    task = PAPER.tasks[one.task]
    task = replace(task, settings=task.settings | {"precision": row["precision"]})
    study = replace(PAPER, tasks={one.task: task})
    assert row["GiB"] * 1024 < device_mb(study, one, row["lanes"]) < 6 * row["GiB"] * 1024 + 2_000
