"""Every number of config/studies/paper.yaml against those of the paper, written down here."""

from dataclasses import dataclass
from pathlib import Path

import pytest

from largebatch.study import load_study
from largebatch.study.sizes import expected_size

REPOSITORY = Path(__file__).parents[2]
PAPER = load_study("paper", REPOSITORY)
PAIR = ("sgd", "momentum-0.9")
MOMENTA = ("sgd", "momentum-0.9", "momentum-0.99", "momentum-0.999", "momentum-0.9999")


def powers(low: int, high: int, scale: float = 1.0) -> list[float]:
    return [scale * 2.0**k for k in range(low, high + 1)]


@dataclass(frozen=True)
class Panel:
    """One sweep of one figure: section 3 for figures 1 to 5, C.3 for 6 and 7, C.4 for 8 and 9."""

    figure: str
    task: str
    dataset: str
    batch: int
    rates: list[float]
    optimum: float | None
    updates: int  # minibatches an epoch
    optimizers: tuple[str, ...] = PAIR


PANELS = [
    Panel("fig1", "wrn-16-4_cifar10", "cifar10", 32, powers(-6, 4), 1 / 4, 1562),
    Panel("fig2", "wrn-16-4_cifar10", "cifar10", 1024, powers(-4, 6), 8, 48),
    Panel("fig3", "wrn-16-4_cifar10", "cifar10", 32, powers(-6, 4), None, 1562, MOMENTA),
    Panel("fig3", "wrn-16-4_cifar10", "cifar10", 1024, powers(-4, 6), None, 48, MOMENTA),
    Panel("fig4", "wrn-16-4_cifar100", "cifar100", 128, powers(-5, 5), 2, 390),
    Panel("fig5", "wrn-16-4_cifar100", "cifar100", 1024, powers(-4, 6), 16, 48),
    Panel("fig6", "autoencoder_mnist", "mnist", 1, powers(-4, 4, 2.5e-3), 2.5e-3, 60_000),
    Panel("fig7", "autoencoder_mnist", "mnist", 64, powers(-1, 8, 2.5e-3), 0.08, 937),
    Panel("fig8", "lstm_ptb", "ptb", 1, [0.01, 0.03, 0.1, 0.3, 1, 3], 0.3, 26_559),
    Panel("fig9", "lstm_ptb", "ptb", 256, [0.1, 0.3, 1, 3, 10, 30], 3, 103),
]
IDS = [f"{panel.figure}-b{panel.batch}" for panel in PANELS]


def sweep_of(panel: Panel):
    sweeps = [PAPER.sweeps[name] for name in PAPER.figures[panel.figure].sweeps]
    return next(sweep for sweep in sweeps if sweep.batch == panel.batch)


@pytest.mark.parametrize("panel", PANELS, ids=IDS)
def test_sweep(panel):
    sweep = sweep_of(panel)
    assert sweep.task == panel.task
    assert sweep.optimizers == panel.optimizers
    assert list(sweep.effective_lrs) == pytest.approx(panel.rates, rel=1e-12)
    assert sweep.seeds == (0, 1, 2, 3, 4)  # five runs at each rate


@pytest.mark.parametrize("panel", PANELS, ids=IDS)
def test_stated_optimum_is_on_the_grid(panel):
    assert PAPER.figures[panel.figure].paper_optimum == panel.optimum
    if panel.optimum is not None:
        assert panel.optimum in sweep_of(panel).effective_lrs


@pytest.mark.parametrize("panel", PANELS, ids=IDS)
def test_updates_an_epoch(panel):
    """The last partial batch is dropped; an LSTM's update reads 35 words of each stream."""
    task = PAPER.tasks[panel.task]
    assert task.dataset == panel.dataset
    size, _ = expected_size(PAPER.datasets[panel.dataset]).values()
    if panel.dataset == "ptb":  # 929,589 words; the last word of a stream is only predicted
        assert (size // panel.batch - 1) // task.model["unroll"] == panel.updates
    else:
        assert size // panel.batch == panel.updates
    assert task.settings["last_batch"] == "drop"


@pytest.mark.parametrize("name", ["wrn-16-4_cifar10", "wrn-16-4_cifar100"])
def test_residual_networks(name):
    """Section 3."""
    task = PAPER.tasks[name]
    model = task.model
    assert (model["kind"], model["depth"], model["width"]) == ("wrn", 16, 4)
    assert model["normalization"] == "batch" and "ghost_batch" not in model
    assert task.epochs == 200
    assert task.settings["schedule"] == {
        "kind": "geometric",
        "constant": 100,
        "factor": 0.5,
        "every": 10,
        "first_drop": "at_once",
    }
    assert (task.settings["l2"], task.settings["l2_on"]) == (5e-4, "all")
    assert task.settings["augmentation"] == {"pad": 4, "padding": "reflect", "flip": True}
    assert "clip" not in task.settings


def test_autoencoder():
    """Appendix C.3: 784-1000-500-250-30-250-500-1000-784."""
    task = PAPER.tasks["autoencoder_mnist"]
    assert task.model["widths"] == [1000, 500, 250, 30]
    assert (task.epochs, task.settings["schedule"]) == (256, {"kind": "constant"})
    assert task.settings["l2"] == 1e-5
    assert "augmentation" not in task.settings and "clip" not in task.settings


def test_lstm():
    """Appendix C.4: Zaremba et al.'s medium model."""
    task = PAPER.tasks["lstm_ptb"]
    model = task.model
    assert (model["layers"], model["hidden"], model["unroll"]) == (2, 650, 35)
    assert (model["dropout"], model["init_scale"]) == (0.5, 0.05)
    assert task.epochs == 39
    assert task.settings["schedule"] == {
        "kind": "geometric",
        "constant": 20,
        "factor": 0.8,
        "every": 1,
        "first_drop": "at_once",
    }
    assert task.settings["l2"] == 0
    assert task.settings["clip"] == {"norm": 5, "scope": "global", "of": "gradient"}


def test_figures():
    metrics = {
        **dict.fromkeys(("fig1", "fig2", "fig3", "fig4", "fig5"), ("train_loss", "test_accuracy")),
        **dict.fromkeys(("fig6", "fig7"), ("train_loss", "test_loss")),
        **dict.fromkeys(("fig8", "fig9"), ("train_perplexity", "test_perplexity")),
    }
    assert {name: figure.metrics for name, figure in PAPER.figures.items()} == metrics
    kinds = {name: "momenta" if name == "fig3" else "sweep" for name in metrics}
    assert {name: figure.kind for name, figure in PAPER.figures.items()} == kinds


def test_nothing_stands_in_for_the_paper():
    assert PAPER.faithful and PAPER.notice is None
    assert PAPER.datasets == {
        name: {"source": name} for name in ("cifar10", "cifar100", "mnist", "ptb")
    }
    assert {task.settings["precision"] for task in PAPER.tasks.values()} == {"fp32"}
