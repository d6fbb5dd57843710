"""Runs trained by plain PyTorch: as the settings say, and as largebatch's up to the seed."""

from pathlib import Path

import independent
import pytest
import torch
from doc_tables import measured, page, table
from ways.whole import cropped, factor, trained

from largebatch.data.load import Dataset, load_dataset
from largebatch.data.prepare import prepare
from largebatch.study import Schedule, load_study
from largebatch.training.pack import Lane, Pack

ROOT = Path(__file__).parents[2]
DEMO, PAPER = load_study("demo", ROOT), load_study("paper", ROOT)
SEEDS = range(4)
CASES = {  # sweep: a rate at which training is far from its start, and stable
    "digits-b128": 1.0,
    "autoencoder-b64": 0.64,
    "lstm-b16": 1.0,
}
OPTIMIZERS = "sgd", "momentum-0.9"


@pytest.mark.parametrize("task", ["wrn-16-4_cifar10", "autoencoder_mnist", "lstm_ptb"])
def test_learning_rates(task):
    settings = PAPER.tasks[task].settings
    epochs = range(1, settings["epochs"] + 1)
    rates = [factor(settings["schedule"], epoch) for epoch in epochs]
    assert rates == Schedule(settings["schedule"]).factors(len(epochs))


def test_crops_are_windows_of_the_padded_image_mirrored_or_not():
    images = torch.arange(2 * 3 * 4, dtype=torch.uint8).view(1, 2, 3, 4).expand(200, 2, 3, 4)
    padded = torch.nn.functional.pad(images[:1].float(), (1, 1, 1, 1), mode="reflect")[0]
    windows = [padded[:, y : y + 3, x : x + 4] for y in range(3) for x in range(3)]
    known = {tuple(w.flatten().tolist()) for one in windows for w in (one, one.flip(2))}
    torch.manual_seed(0)
    found = cropped(images, {"pad": 1, "padding": "reflect", "flip": True})
    assert {tuple(image.flatten().tolist()) for image in found} == known


@pytest.fixture(scope="module")
def data(tmp_path_factory) -> dict[str, Dataset]:
    """The demo's data sets, by sweep."""
    found, folder = {}, tmp_path_factory.mktemp("data")
    for sweep in CASES:
        name = DEMO.tasks[DEMO.sweeps[sweep].task].dataset
        prepare(name, DEMO.datasets[name], folder, folder / name, progress=False)
        found[sweep] = load_dataset(folder / name)
    return found


def specs(sweep: str) -> dict[independent.Point, list[dict]]:
    """The runs of each optimizer, one for each seed."""
    found = {}
    for optimizer in OPTIMIZERS:
        point = independent.Point("demo", sweep, len(SEEDS), optimizer, CASES[sweep])
        runs = [independent._run(DEMO, point, seed) for seed in SEEDS]
        found[point] = [DEMO.spec(run) for run in runs]
    return found


def ours(specs: list[dict], data: Dataset) -> list[dict]:
    lanes = [Lane(spec) for spec in specs]
    pack = Pack(lanes, data, torch.device("cpu"))
    pack.initialise()
    while not pack.finished:
        pack.train_epoch(lambda _: False)
    return [vars(lane.rows[-1]) for lane in lanes]


@pytest.mark.parametrize("sweep", CASES)
def test_they_differ_from_ours_by_the_seed_alone(sweep, data, monkeypatch):
    """A rate that is far too small would be seen."""
    monkeypatch.chdir(ROOT)
    known = specs(sweep)
    stored = {point: ours(runs, data[sweep]) for point, runs in known.items()}
    plain = [row for one in known.items() for row in by_plain_pytorch(*one, data[sweep])]
    assert min(row["p"] for row in independent.compared(stored, plain)) > 0.05
    point, runs = known.popitem()
    slow = [spec | {"effective_lr": spec["effective_lr"] / 64} for spec in runs]
    other = by_plain_pytorch(point, slow, data[sweep])
    assert max(row["p"] for row in independent.compared(stored, other)) < 0.01


def by_plain_pytorch(point: independent.Point, specs: list[dict], data: Dataset) -> list[dict]:
    found = {spec["seed"]: trained(spec, data) for spec in specs}
    return [row for seed, one in found.items() for row in independent.rows_of(point, seed, one)]


def test_few_seeds_and_many_comparisons():
    """One seed has no spread of its own, and each comparison is one more chance to err."""
    points = [independent.Point("demo", sweep, 1, "sgd", 1.0) for sweep in CASES]
    ours = {point: [{"test_loss": loss} for loss in (1.0, 1.1, 1.2)] for point in points}
    plain = [row for point in points for row in independent.rows_of(point, 0, {"test_loss": 1.6})]
    (row,) = independent.compared(ours, plain[:1])
    assert row["largebatch"] == pytest.approx(1.1) and row["plain"] == 1.6
    assert (row["n"], row["plain n"], row["plain std"]) == (3, 1, 0.0)
    assert row["p"] == pytest.approx(0.0494, abs=1e-3)
    corrected = [one["p"] for one in independent.compared(ours, plain)]
    assert corrected == pytest.approx([3 * row["p"]] * 3)


def test_what_is_kept_is_not_trained_again():
    points = independent.POINTS[:2]
    kept = independent.rows_of(points[0], 0, {"train_loss": 1.0, "test_loss": 2.0})
    jobs = [*independent._jobs(points, 2, kept)]
    assert jobs == [(points[0], 1), (points[1], 0), (points[1], 1)]


def test_points_are_stored_runs():
    for point in independent.POINTS:
        study = load_study(point.study, ROOT)
        runs = [independent._run(study, point, seed) for seed in study.sweeps[point.sweep].seeds]
        assert {*runs} <= {*study.runs}


def test_the_docs_show_what_was_measured(monkeypatch):
    monkeypatch.chdir(ROOT)
    text, points = page("docs/lanes.md"), independent.POINTS
    stored = {point: independent.stored(point) for point in points}
    found = independent.compared(stored, measured("independent", "cpu"))
    shown = table(text, "least p")
    assert len(shown) == len(points)
    for point, row in zip(points, shown, strict=True):
        assert row["run"].endswith(f" at {point.lr:g}")
        train, test = (
            one for one in found if point.key == tuple(one[c] for c in independent.PLACE)
        )
        if train["metric"] != "train_loss":
            train, test = test, train
        cells = [_words(one, whose) for one in (train, test) for whose in ("", "plain ")]
        assert [*row.values()][1:5] == cells
        assert row["seeds"] == f"{train['n']}, {train['plain n']}"
        assert row["least p"] == f"{min(train['p'], test['p']):.2f}"
    assert f"for the {len(found)} comparisons" in text
    assert f"The\nsmallest is {min(one['p'] for one in found):.2f}." in text


def _words(row: dict, whose: str) -> str:
    """`0.774 ± 0.0013`, or of one seed its value."""
    mean = row["plain" if whose else "largebatch"]
    spread = f" ± {row[f'{whose}std']:.2g}" if row[f"{whose}n"] > 1 else ""
    return f"{mean:.4g}{spread}"
