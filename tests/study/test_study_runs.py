"""A study becomes runs: how many, each once, each with the path that the contract names."""

import re
from collections import Counter
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from largebatch.errors import UserError
from largebatch.study import Optimizer, Run, decimal, load_study

REPOSITORY = Path(__file__).parents[2]
PAPER = load_study("paper", REPOSITORY)


def test_runs_of_the_paper():
    """440 for figures 1, 2, 4, 5; 330 more for figure 3; 90, 100, 60, 60 for figures 6 to 9."""
    assert len(PAPER.runs) == 440 + 330 + 90 + 100 + 60 + 60 == 1080
    assert len(set(PAPER.runs)) == len({run.path for run in PAPER.runs}) == 1080
    shown = {run for figure in PAPER.figures for run in PAPER.runs_of(figure)}
    assert shown == set(PAPER.runs)


def test_figure_3_shares_sgd_and_momentum_with_figures_1_and_2():
    shared = {*PAPER.runs_of("fig1"), *PAPER.runs_of("fig2")}
    third = PAPER.runs_of("fig3")
    assert {run for run in third if run.optimizer in ("sgd", "momentum-0.9")} == shared
    new = Counter(run.optimizer for run in third if run not in shared)
    assert new == {"momentum-0.99": 110, "momentum-0.999": 110, "momentum-0.9999": 110}


def test_runs_keep_the_order_of_the_sweeps():
    assert PAPER.runs[0] == Run("paper", "wrn-16-4_cifar10", 32, "sgd", 2**-6, 0)
    assert [run.seed for run in PAPER.runs[:6]] == [0, 1, 2, 3, 4, 0]


@pytest.mark.parametrize(
    ("run", "path"),
    [
        (
            Run("paper", "wrn-16-4_cifar10", 32, "sgd", 0.25, 0),
            "results/paper/runs/wrn-16-4_cifar10/b32/sgd/lr0.25/seed0.parquet",
        ),
        (
            Run("paper", "wrn-16-4_cifar10", 1024, "momentum-0.9999", 8.0, 4),
            "results/paper/runs/wrn-16-4_cifar10/b1024/momentum-0.9999/lr8/seed4.parquet",
        ),
        (
            Run("demo", "autoencoder-64_digits", 1, "nesterov-0.9", 2.5e-3, 1),
            "results/demo/runs/autoencoder-64_digits/b1/nesterov-0.9/lr0.0025/seed1.parquet",
        ),
        (
            Run("paper", "wrn-16-4_cifar10", 1024, "corrected-0.999", 0.0625, 0),
            "results/paper/runs/wrn-16-4_cifar10/b1024/corrected-0.999/lr0.0625/seed0.parquet",
        ),
    ],
)
def test_path(run, path):
    assert run.path == path


def test_every_path_is_that_of_its_run():
    contract = re.compile(
        r"results/paper/runs/(?P<task>[a-z0-9_-]+)/b(?P<batch>\d+)/(?P<optimizer>sgd|momentum-0\.9+)"
        r"/lr(?P<lr>\d+(\.\d+)?)/seed(?P<seed>\d)\.parquet"
    )
    for run in PAPER.runs:
        parts = contract.fullmatch(run.path)
        assert (parts["task"], int(parts["batch"])) == (run.task, run.batch)
        assert (parts["optimizer"], float(parts["lr"])) == (run.optimizer, run.lr)
        assert int(parts["seed"]) == run.seed


@pytest.mark.parametrize(
    ("name", "momentum", "family"),
    [
        ("sgd", 0.0, "sgd"),
        ("momentum-0.9", 0.9, "momentum"),
        ("nesterov-0.9999", 0.9999, "nesterov"),
        ("corrected-0.999", 0.999, "corrected"),
    ],
)
def test_optimizer(name, momentum, family):
    assert Run("paper", "task", 1, name, 1.0, 0).momentum == momentum
    assert Optimizer.parse(name) == Optimizer(name, momentum)
    assert Optimizer.parse(name).family == family


@given(st.floats(min_value=0, max_value=1, exclude_min=True, exclude_max=True))
def test_every_momentum_has_one_name(momentum):
    assert Optimizer.parse(f"momentum-{decimal(momentum)}").momentum == momentum
    with pytest.raises(UserError, match="must be written"):
        Optimizer.parse(f"momentum-{decimal(momentum)}0")


@given(st.floats(min_value=0, exclude_min=True, allow_infinity=False))
def test_decimal_is_the_shortest_that_reads_back(number):
    text = decimal(number)
    assert float(text) == number
    assert re.fullmatch(r"(0|[1-9]\d*)(\.\d*[1-9])?", text)
    digits = len(Decimal(text).normalize().as_tuple().digits)
    if digits > 1:
        assert float(f"{number:.{digits - 2}e}") != number  # one digit fewer is another number


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (0.25, "0.25"),
        (8.0, "8"),
        (8, "8"),
        (2.5e-3, "0.0025"),
        (1e-7, "0.0000001"),
        (1e22, "1" + 22 * "0"),
    ],
)
def test_decimal(number, text):
    assert decimal(number) == text


def test_a_group_of_sweeps_is_one_switch():
    off = [sweep for sweep in PAPER.sweeps.values() if not sweep.enabled]
    for group in {sweep.group for sweep in off}:
        switched = load_study("paper", REPOSITORY, enable=[group])
        more = {run for sweep in off if sweep.group == group for run in sweep.runs("paper")}
        assert more and set(switched.runs) - set(PAPER.runs) == more


@pytest.mark.parametrize(
    ("study", "advice"), [("demo", "use some of corrected"), ("mnist", "leave `enable` empty")]
)
def test_an_unknown_group_is_refused(study, advice):
    with pytest.raises(UserError) as refused:
        load_study(study, REPOSITORY, enable=["batches"])
    assert str(refused.value) == (
        f"enable: config/studies/{study}.yaml has no group of sweeps 'batches'; {advice}."
    )


def test_a_sweep_may_have_seeds_of_its_own(root, write):
    write("own", "extends: demo\nsweeps: {digits-b8: {seeds: [7, 9]}}\n")
    study = load_study("own", root)
    assert {name: sweep.seeds for name, sweep in study.sweeps.items()} == {
        name: (7, 9) if name == "digits-b8" else sweep.seeds
        for name, sweep in load_study("demo", root).sweeps.items()
    }


def test_the_settings_of_a_figure_are_those_of_each_of_its_sweeps():
    """A row of a figure of momenta may have other rates and seeds than the one above it."""
    first, second = (PAPER.sweeps[name] for name in PAPER.figures["fig3"].sweeps)
    other = replace(second, seeds=(7,), effective_lrs=(1.0,), optimizers=("sgd",))
    study = replace(PAPER, sweeps=PAPER.sweeps | {second.name: other})
    found = study.figure_settings("fig3")["sweeps"]
    for sweep, told in zip((first, other), found, strict=True):
        for key in ("optimizers", "effective_lrs", "seeds"):
            assert told[key] == list(getattr(sweep, key))


def test_the_data_of_a_sweep_that_is_off_are_not_used():
    demo = load_study("demo", REPOSITORY)
    off = {
        name: replace(sweep, enabled=demo.tasks[sweep.task].dataset != "markov")
        for name, sweep in demo.sweeps.items()
    }
    assert "markov" in demo.used_datasets()
    assert set(demo.used_datasets()) - set(replace(demo, sweeps=off).used_datasets()) == {"markov"}
