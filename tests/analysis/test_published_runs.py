"""The published runs: whole, of their study, as docs/mnist.md, cifar10.md and ptb.md say."""

from pathlib import Path

import pytest

from largebatch.analysis.stored import read_run
from largebatch.analysis.tables import build_table
from largebatch.study import Study, load_study

ROOT = Path(__file__).parents[2]
PUBLISHED = ("mnist", "mnist-full", "cifar10-small", "ptb-small")


def published(name: str) -> Study:
    return load_study(name, ROOT)


@pytest.mark.parametrize("name", PUBLISHED)
def test_each_run_is_there_verified_and_has_every_epoch(name):
    study = published(name)
    for run in study.runs:
        table, epochs = read_run(study, run, ROOT).table, study.tasks[run.task].epochs
        assert table["epoch"].to_pylist() == list(range(epochs + 1))
        assert table["test_loss"].null_count == 0


@pytest.mark.parametrize("name", PUBLISHED)
def test_no_other_run_lies_there(name):
    found = (ROOT / f"results/{name}/runs").rglob("*.parquet")
    assert {str(path.relative_to(ROOT)) for path in found} == {
        run.path for run in published(name).runs
    }


def finals(name: str, figure: str, metric: str) -> tuple[dict[float, float], ...]:
    """{rate: final metric} of SGD and of momentum."""
    found: dict[str, dict[float, float]] = {"sgd": {}, "momentum-0.9": {}}
    for row in build_table(published(name), figure, ROOT).to_pylist():
        if row["panel"] == "sweep" and row["metric"] == metric:
            found[row["optimizer"]][row["effective_lr"]] = row["mean"]
    return tuple(found.values())


def last_accuracies(name: str, figure: str) -> dict[tuple[str, float, int], float]:
    """{(optimizer, rate, seed): test accuracy after the last epoch}."""
    study = published(name)
    return {
        (run.optimizer, run.lr, run.seed): read_run(study, run, ROOT)
        .table["test_accuracy"][-1]
        .as_py()
        for run in study.runs_of(figure)
    }


def test_mnist_is_as_the_docs_say():
    sgd, momentum = finals("mnist-full", "fig7", "test_loss")
    assert min(sgd, key=sgd.get) == 0.08 and round(sgd[0.08], 2) == 3.06
    assert min(momentum, key=momentum.get) == 0.16 and round(momentum[0.16], 2) == 2.85
    assert round(momentum[0.64], 2) == 3.06 and round(sgd[0.64]) == 53
    apart = {lr: abs(sgd[lr] / momentum[lr] - 1) for lr in sgd}
    assert all(apart[lr] < 0.05 for lr in apart if lr <= 0.02)
    assert all(0.05 <= apart[lr] <= 0.07 for lr in (0.04, 0.08))


@pytest.mark.parametrize("metric", ["train_loss", "test_loss"])
def test_mnist_is_as_the_docs_say_after_few_epochs_at_batch_1(metric):
    sgd, momentum = finals("mnist", "fig6", metric)
    for arm in (sgd, momentum):
        assert set(sorted(arm, key=arm.get)[:2]) == {0.005, 0.01}
        assert arm[0.01] == pytest.approx(arm[0.005], rel=0.025)
    apart = [sgd[lr] / momentum[lr] - 1 for lr in sgd]
    assert min(apart) < 0 < max(apart) and max(map(abs, apart)) < 0.035


def test_mnist_is_as_the_docs_say_after_few_epochs_at_batch_64():
    sgd, momentum = finals("mnist", "fig7", "test_loss")
    assert min(sgd, key=sgd.get) == 0.16 and [round(sgd[lr], 1) for lr in (0.16, 0.32)] == [
        12.2,
        18.2,
    ]
    assert min(momentum, key=momentum.get) == 0.32 and round(momentum[0.32], 1) == 9.2
    assert round(1 - momentum[0.32] / sgd[0.16], 2) == 0.25
    lower = {lr: 1 - momentum[lr] / sgd[lr] for lr in sgd}
    assert all(abs(lower[lr]) < 0.0125 for lr in lower if lr <= 0.0025)
    assert round(lower[0.005], 2) == 0.06 and all(lower[lr] > 0.12 for lr in lower if lr >= 0.01)


def test_cifar10_is_as_the_docs_say_with_small_batches():
    sgd, momentum = finals("cifar10-small", "fig1", "test_accuracy")
    assert max(sgd, key=sgd.get) == max(momentum, key=momentum.get) == 1
    assert round(sgd[1], 3) == 0.749 and round(momentum[1], 3) == 0.75
    gains = {lr: momentum[lr] - sgd[lr] for lr in sgd}
    small = [gains[lr] for lr in gains if lr <= 1]
    assert min(small) < 0 < max(small) and max(map(abs, small)) < 0.0075
    assert round(gains[2], 3) == 0.014 and round(gains[4], 3) == 0.039


def test_cifar10_is_as_the_docs_say_with_large_batches():
    sgd, momentum = finals("cifar10-small", "fig2", "test_accuracy")
    assert max(sgd, key=sgd.get) == 4 and [round(sgd[lr], 3) for lr in (2, 4)] == [0.645, 0.646]
    assert max(momentum, key=momentum.get) == 8 and round(momentum[8], 3) == 0.707
    assert sgd[16] == pytest.approx(0.1) and round(momentum[16], 3) == 0.681
    gains = {lr: momentum[lr] - sgd[lr] for lr in sgd}
    assert all(-0.0125 < gains[lr] < 0 for lr in gains if lr <= 0.5)
    assert all(gains[lr] > 0 for lr in gains if lr >= 1)


def test_one_seed_of_cifar10_had_said_too_much_as_the_docs_say():
    large, small = (
        last_accuracies("cifar10-small", "fig2"),
        last_accuracies("cifar10-small", "fig1"),
    )
    assert large["sgd", 8, 0] == pytest.approx(0.1) and round(large["sgd", 8, 1], 2) == 0.54
    of_first = {lr: large[o, lr, seed] for o, lr, seed in large if (o, seed) == ("sgd", 0)}
    assert max(of_first, key=of_first.get) == 2
    gains = {lr: small["momentum-0.9", lr, 0] - small[o, lr, 0] for o, lr, _ in small if o == "sgd"}
    assert min(gains.values()) > 0 and round(gains[1], 2) == 0.01


def test_ptb_is_as_the_docs_say_with_one_stream():
    sgd, momentum = finals("ptb-small", "fig8", "test_perplexity")
    assert sorted(sgd, key=sgd.get)[:2] == [0.3, 0.1] and round(sgd[0.3]) == 254
    assert sorted(momentum, key=momentum.get)[:2] == [0.1, 0.3] and round(momentum[0.1]) == 232
    assert all(momentum[lr] < sgd[lr] for lr in (0.03, 0.1, 0.3))
    on_training = finals("ptb-small", "fig8", "train_perplexity")
    assert [round(arm[0.3]) for arm in on_training] == [81, 95]
    for of_sgd, of_momentum in ((sgd, momentum), on_training):
        assert all(of_momentum[lr] > of_sgd[lr] for lr in (1, 3))


def test_ptb_is_as_the_docs_say_with_many_streams():
    sgd, momentum = finals("ptb-small", "fig9", "test_perplexity")
    assert min(sgd, key=sgd.get) == 1 and round(sgd[1]) == 262
    assert min(momentum, key=momentum.get) == 3 and round(momentum[3]) == 213
    assert round(sgd[3]) == 327 and round(momentum[10]) == 455
    apart = {lr: sgd[lr] / momentum[lr] - 1 for lr in sgd}
    assert all(abs(apart[lr]) < 0.02 for lr in (0.03, 0.1, 1)) and -0.08 < apart[0.3] < -0.07
