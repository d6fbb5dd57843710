"""What a pack reports of its progress, and the time left that is derived from it."""

import json
from types import SimpleNamespace

import pytest
from tqdm import tqdm

from largebatch.cli.running import read_packs
from largebatch.training import progress


@pytest.fixture
def clock(monkeypatch):
    """Seconds since 1970, to be set."""
    now = SimpleNamespace(seconds=1000.0)
    monkeypatch.setattr(progress, "time", SimpleNamespace(time=lambda: now.seconds))
    return now


def epochs(on_epoch, clock, numbers, seconds: float) -> None:
    """Epochs of 50 end, one every so many seconds."""
    for number in numbers:
        clock.seconds += seconds
        on_epoch(SimpleNamespace(epoch=number + 1, task={"epochs": 50}), [])


def test_runs_that_went_on_from_elsewhere_begin_anew(clock, tmp_path) -> None:
    """Two runs resume at epoch 40; one that starts later is timed from its own start."""
    file = tmp_path / "progress.json"
    on_epoch = progress.to_file(file)
    epochs(on_epoch, clock, range(41, 51), seconds=100.0)
    said = json.loads(file.read_text())
    assert (said["epoch"], said["first"], said["elapsed"]) == (50, 41, 1000.0)
    epochs(on_epoch, clock, range(1, 41), seconds=2.0)
    said = json.loads(file.read_text())
    assert (said["epoch"], said["first"], said["elapsed"]) == (40, 1, 80.0)


def test_the_bar_of_runs_that_went_on_and_of_halves(monkeypatch) -> None:
    """It ends when the last run ends, and its rate counts only epochs that were trained here."""
    bars = []
    monkeypatch.setattr("tqdm.tqdm", lambda **options: bars.append(tqdm(**options)) or bars[0])
    on_epoch = progress.to_bar(3 * 50)
    first, second, third = (
        SimpleNamespace(job=SimpleNamespace(name=name), lane=SimpleNamespace(diverged=None))
        for name in "abc"
    )

    def ended(epoch: int, *trainees) -> int:
        on_epoch(SimpleNamespace(epoch=epoch + 1, task={"epochs": 50}), list(trainees))
        return bars[0].n

    assert ended(41, first, second) == 2 * 41 and bars[0].initial == 2 * 40
    assert ended(42, first, second) == 2 * 42
    assert ended(41, first) == 41 + 42  # out of memory: again from the checkpoint, alone
    assert ended(50, first) == 50 + 42 and ended(50, second) == 2 * 50
    third.lane.diverged = 3
    assert ended(3, third) == 3 * 50


@pytest.mark.parametrize(
    "content",
    [
        *("", "[]", "{}", "null", "\xff", '{"runs": 1}', '{"runs": [], "rule": 1}'),
        '{"runs": [{}], "rule": "train", "resources": {}}',
        '{"runs": [], "rule": "train", "resources": []}',
    ],
)
def test_a_file_that_is_no_pack_is_passed_over(content, tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    for number in (0, 1):
        folder = tmp_path / f".snakemake/lanes/train-{number}"
        folder.mkdir(parents=True)
        (folder / "pack.json").write_text(content, encoding="latin-1")
    pack = {"rule": "train", "resources": {"pack": "task/b1"}, "runs": [{"out": "run"}]}
    (folder / "pack.json").write_text(json.dumps(pack))
    (folder / "progress.json").write_text(content, encoding="latin-1")
    (found,) = read_packs()
    assert (found.name, found.where) == ("task/b1", "no epoch has ended yet")


@pytest.mark.parametrize("last", [1, 39, 40, 41, 49])
def test_the_time_left_of_such_runs(last, clock, tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / ".snakemake/lanes/train-0"
    folder.mkdir(parents=True)
    pack = {"rule": "train", "resources": {"pack": "task/b1"}, "runs": [{"out": "run"}]}
    (folder / "pack.json").write_text(json.dumps(pack))
    assert read_packs()[0].where == "no epoch has ended yet"
    on_epoch = progress.to_file(folder / "progress.json")
    epochs(on_epoch, clock, range(41, 51), seconds=100.0)
    epochs(on_epoch, clock, range(1, last + 1), seconds=2.0)
    (found,) = read_packs()
    assert found.where == f"epoch {last} of 50, about {2 * (50 - last)} s left"
