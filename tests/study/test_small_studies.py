"""The demo is the paper in small, and says so; mnist is two of its figures."""

from pathlib import Path

import pytest

from largebatch.study import load_study
from largebatch.study.sizes import expected_size

REPOSITORY = Path(__file__).parents[2]
PAPER = load_study("paper", REPOSITORY)
DEMO = load_study("demo", REPOSITORY)
MNIST = load_study("mnist", REPOSITORY)
EMBEDDED = {"digits", "digit-pairs", "markov"}


def test_demo_says_what_it_is():
    assert not DEMO.faithful
    assert "not a reproduction" in DEMO.notice
    assert all(figure.paper_optimum is None for figure in DEMO.figures.values())


def test_demo_has_the_paper_s_figures():
    def drawn(study):
        return {name: (figure.kind, figure.metrics) for name, figure in study.figures.items()}

    assert drawn(DEMO) == drawn(PAPER)
    assert list(DEMO.figures) == [f"fig{k}" for k in range(1, 10)]


def test_demo_needs_no_download():
    assert {settings["source"] for settings in DEMO.datasets.values()} == EMBEDDED
    assert set(DEMO.used_datasets()) == set(DEMO.datasets)


@pytest.mark.parametrize("figure", DEMO.figures.values(), ids=lambda figure: figure.name)
def test_every_panel_of_the_demo_is_worth_a_look(figure):
    for sweep in (DEMO.sweeps[name] for name in figure.sweeps):
        assert len(sweep.runs("demo")) >= 16
        assert len(sweep.effective_lrs) >= 5
        assert max(sweep.effective_lrs) / min(sweep.effective_lrs) >= 100
        assert list(sweep.effective_lrs) == sorted(sweep.effective_lrs)
        assert sweep.seeds == (0, 1)
        assert {"sgd", "momentum-0.9"} <= set(sweep.optimizers)


def test_figure_3_of_the_demo_has_four_momenta_and_sgd():
    momenta = {0.0, 0.9, 0.99, 0.999, 0.9999}
    for name in DEMO.figures["fig3"].sweeps:
        assert {run.momentum for run in DEMO.sweeps[name].runs("demo")} == momenta


@pytest.mark.parametrize(
    ("small", "large"), [("fig1", "fig2"), ("fig4", "fig5"), ("fig6", "fig7"), ("fig8", "fig9")]
)
def test_small_and_large_batches_of_the_demo_differ_widely(small, large):
    def batch(figure):
        (name,) = DEMO.figures[figure].sweeps
        return DEMO.sweeps[name].batch

    assert batch(large) >= 8 * batch(small)


def test_every_batch_of_the_demo_makes_several_updates_an_epoch():
    for sweep in DEMO.sweeps.values():
        task = DEMO.tasks[sweep.task]
        words = sweep.batch * task.model.get("unroll", 1)
        size, _ = expected_size(DEMO.datasets[task.dataset]).values()
        assert size // words >= 5


def test_every_sweep_and_task_of_each_study_is_shown():
    for study in (PAPER, DEMO, MNIST):
        shown = {name for figure in study.figures.values() for name in figure.sweeps}
        assert shown == {sweep.name for sweep in study.sweeps.values() if sweep.enabled}
        assert {sweep.task for sweep in study.sweeps.values()} == set(study.tasks)
        assert set(study.used_datasets()) == set(study.datasets)


def test_mnist_is_figures_6_and_7_with_few_epochs():
    assert set(MNIST.figures) == {"fig6", "fig7"} and not MNIST.faithful and MNIST.notice
    for figure in MNIST.figures:
        (mine,), (papers,) = MNIST.figures[figure].sweeps, PAPER.figures[figure].sweeps
        assert MNIST.sweeps[mine].batch == PAPER.sweeps[papers].batch
        assert MNIST.sweeps[mine].effective_lrs == PAPER.sweeps[papers].effective_lrs
    for task in MNIST.tasks.values():
        assert task.model == PAPER.tasks["autoencoder_mnist"].model
        assert task.epochs < 10


def test_an_anchor_is_laid_under_own_keys(root, write):
    tasks = "{a: &a {like: lstm-32_markov, epochs: 7}, b: {<<: *a, epochs: 9}}"
    write("anchors", f"extends: demo\ntasks: {tasks}\n")
    tasks = load_study("anchors", root).tasks
    assert (tasks["a"].epochs, tasks["b"].epochs) == (7, 9)
    assert tasks["a"].model == tasks["b"].model
