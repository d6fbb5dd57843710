"""The spec of a run: all that its numbers depend on, and nothing else."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
import yaml

from largebatch.study import Run, load_study

REPOSITORY = Path(__file__).parents[2]
TASK = "wrn-10-1_digits"


def specs(root, name="changed") -> dict[str, str]:
    """JSON of every run's spec, by the run's name, which has no study in it."""
    study = load_study(name, root)
    return {run.name: json.dumps(study.spec(run), sort_keys=True) for run in study.runs}


@pytest.fixture
def changed(root, write):
    """changed(diff): names of the demo's runs whose spec that diff of the demo changes."""
    demo = specs(root, "demo")

    def changed(diff: str) -> set[str]:
        write("changed", f"extends: demo\n{diff}")
        return {name for name, spec in specs(root).items() if demo.get(name) != spec}

    return changed


def runs_of(task: str) -> set[str]:
    runs = load_study("demo", REPOSITORY).runs
    return {run.name for run in runs if run.task == task}


def test_independent_of_the_study(changed):
    assert changed("title: Another\nnotice: null\nfaithful: true") == set()


def test_independent_of_other_tasks_sweeps_and_figures(changed):
    diff = {
        "datasets": {"cifar10": {"source": "cifar10"}},
        "tasks": {"new": {"like": TASK, "dataset": "cifar10"}},
        "figures": {"fig1": {"title": "Another", "sweeps": ["digits-b128"]}, "fig2": None},
        "sweeps": {"digits-b8": {"seeds": [1], "effective_lrs": [0.25, 0.0625]}},
    }
    assert changed(yaml.safe_dump(diff)) == set()


def test_new_values_in_a_sweep_are_new_runs_and_leave_the_others(changed):
    new = changed(
        "sweeps: {lstm-b16: {effective_lrs: [0.1, 0.2], optimizers: [sgd, momentum-0.5]}}"
    )
    assert new == {
        f"lstm-32_markov/b16/{rest}"
        for rest in (
            *(f"sgd/lr0.2/seed{seed}" for seed in (0, 1)),
            *(f"momentum-0.5/lr{lr}/seed{seed}" for lr in ("0.1", "0.2") for seed in (0, 1)),
        )
    }


def leaves(settings: dict, above: tuple = ()) -> list[tuple]:
    found = []
    for key, value in settings.items():
        found += leaves(value, (*above, key)) if isinstance(value, dict) else [(*above, key)]
    return found


OTHER = {  # another valid value for each setting of the task
    "dataset": "twin",
    "model.depth": 16,
    "model.width": 2,
    "model.normalization": "none",
    "model.init": "lecun",
    "model.gamma": "uniform",
    "epochs": 9,
    "schedule.constant": 5,
    "schedule.factor": 0.25,
    "schedule.every": 2,
    "schedule.first_drop": "after_interval",
    "l2": 0,
    "l2_on": "weights",
    "augmentation.pad": 2,
    "augmentation.padding": "reflect",
    "augmentation.flip": True,
    "last_batch": "keep",
    "precision": "tf32",
}


@pytest.mark.parametrize("key", OTHER)
def test_every_setting_of_a_task_changes_its_runs_and_no_others(changed, key):
    pairs = "wrn-10-1_digit-pairs"
    value = OTHER[key]
    for part in reversed(key.split(".")):
        value = {part: value}
    diff = {
        "datasets": {"twin": {"source": "digits", "test_examples": 360}},
        "tasks": {TASK: value},
    }
    like = runs_of(pairs) if key != "dataset" else set()  # pairs are like digits otherwise
    assert changed(yaml.safe_dump(diff)) == runs_of(TASK) | like


def test_no_setting_was_forgotten():
    settings = load_study("demo", REPOSITORY).tasks[TASK].settings
    names = {".".join(key) for key in leaves(settings)}
    assert names - set(OTHER) == {"model.kind", "schedule.kind"}


@pytest.mark.parametrize(
    "change",
    [
        "model: {kind: autoencoder, widths: [4], activation: tanh, "
        "init: glorot, code: linear, output: linear, reduction: mean}",
        "schedule: {kind: constant}",
    ],
)
def test_another_kind_changes_the_runs(changed, change):
    unfit = "figures: {fig1: null, fig2: null, fig3: null, fig4: null, fig5: null}"  # accuracies
    concerned = runs_of(TASK) | runs_of("wrn-10-1_digit-pairs")  # which is like TASK
    assert changed(f"tasks: {{{TASK}: {{{change}}}}}\n{unfit}") == concerned


def test_data_settings_change_the_runs_on_these_data(changed):
    assert changed("datasets: {markov: {seed: 1}}") == runs_of("lstm-32_markov")


@pytest.mark.parametrize(
    "diff",
    [
        f"tasks: {{{TASK}: {{clip: null, model: {{ghost_batch: null}}}}}}",
        "tasks: {lstm-32_markov: {l2: 0.0, clip: {norm: 5.0}}}",
        "sweeps: {lstm-b1: {effective_lrs: [0.03, 0.1, 0.3, 1.0, 3.0]}}",
    ],
    ids=["null", "whole numbers", "rates"],
)
def test_another_way_to_write_the_same_is_the_same(changed, diff):
    assert changed(diff) == set()


@pytest.mark.parametrize("name", ["paper", "demo", "mnist"])
def test_no_nulls_and_all_of_the_run(name):
    study = load_study(name, REPOSITORY)
    for run in study.runs:
        spec = study.spec(run)
        assert "null" not in json.dumps(spec, allow_nan=False)
        assert spec["task"]["name"] == run.task
        assert spec["data"] == study.datasets[spec["task"]["dataset"]]
        assert (spec["batch"], spec["optimizer"]) == (run.batch, run.optimizer)
        assert (spec["momentum"], spec["effective_lr"]) == (run.momentum, run.lr)
        assert spec["seed"] == run.seed


def test_spec_changes_with_each_part_of_a_run():
    study = load_study("demo", REPOSITORY)
    run = study.runs[0]
    others = [
        replace(run, task="wrn-10-1_digit-pairs"),
        replace(run, batch=run.batch + 1),
        replace(run, optimizer="nesterov-0.9"),
        replace(run, optimizer="momentum-0.9"),
        replace(run, optimizer="corrected-0.9"),
        replace(run, lr=run.lr * 2),
        replace(run, seed=run.seed + 1),
    ]
    distinct = {json.dumps(study.spec(other)) for other in [run, *others]}
    assert len(distinct) == 1 + len(others)
    assert study.spec(replace(run, study="paper")) == study.spec(run)


@pytest.mark.parametrize(
    ("optimizer", "momentum"),
    [("sgd", 0.0), ("momentum-0.9", 0.9), ("nesterov-0.9", 0.9), ("corrected-0.9", 0.9)],
)
def test_the_bytes_of_a_spec(optimizer, momentum):
    """It has only an optimizer's name and momentum, so a new form leaves other runs alone."""
    study = load_study("demo", REPOSITORY)
    run = Run("demo", TASK, 8, optimizer, 0.015625, 0)
    task, data = study.tasks[run.task], study.datasets[study.tasks[run.task].dataset]
    start = json.dumps({"task": {"name": run.task, **task.settings}, "data": data})[:-1]
    assert json.dumps(study.spec(run)) == (
        f'{start}, "batch": 8, "optimizer": "{optimizer}", "momentum": {momentum}, '
        '"effective_lr": 0.015625, "seed": 0}'
    )
