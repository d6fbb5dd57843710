"""A pack that runs out of memory goes on in halves, and every run keeps its bits."""

from dataclasses import astuple
from pathlib import Path

import pytest
import torch
from small import dataset, spec

from largebatch.training import drive as room
from largebatch.training.drive import Hooks, Place, Trainee, drive
from largebatch.training.job import Job
from largebatch.training.pack import Pack

LRS = (0.02, 0.05, 0.1, 0.2, 0.3)


class Room(Pack):
    """A device that holds `fits` lanes; one more fails in the middle of epoch 2."""

    fits = 2

    def train_epoch(self, pause) -> bool:
        def full(pack):
            if pack.epoch == 2 and pack.step == 2 and len(self.lanes) > self.fits:
                raise torch.OutOfMemoryError("injected")
            return pause(pack)

        return super().train_epoch(full)


def train(folder: Path, checkpoint_seconds=1e9):
    specs = [spec("autoencoder", 16, "momentum-0.9", lr, 0) for lr in LRS]
    jobs = [Job(s, Path("data"), folder / f"{s['effective_lr']}.parquet") for s in specs]
    rows, notes = {}, []

    def ended(trainee, mates):
        rows[trainee.job.name] = mates, [astuple(row)[:-1] for row in trainee.lane.rows]

    hooks = Hooks(
        lambda: False,
        ended,
        lambda pack, trainees: None,
        lambda trainee, sentence: notes.append(sentence),
        lambda trainee: True,
        checkpoint_seconds,
    )
    place = Place(dataset("autoencoder"), torch.device("cpu"))
    drive([Trainee(job, "test") for job in jobs], place, hooks)
    return rows, notes


@pytest.mark.parametrize("checkpoint_seconds", [1e9, 0.0])
def test_goes_on_in_halves_with_the_same_bits(tmp_path, monkeypatch, checkpoint_seconds):
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    whole, _ = train(tmp_path / "a")
    monkeypatch.setattr(room, "Pack", Room)
    halved, notes = train(tmp_path / "b", checkpoint_seconds)
    assert [mates for mates, _ in whole.values()] == [5] * 5
    assert sorted(mates for mates, _ in halved.values()) == [1, 2, 2, 2, 2]  # 2 + (1 + 2)
    assert sorted(r for _, r in whole.values()) == sorted(r for _, r in halved.values())
    assert "out of memory with 5 lanes; again with 3" in notes
    resumed = [note for note in notes if note.startswith("resumed from epoch 2")]
    assert bool(resumed) == (checkpoint_seconds == 0)


def test_a_lone_run_that_does_not_fit_fails(tmp_path, monkeypatch):
    monkeypatch.setattr(room, "Pack", Room)
    monkeypatch.setattr(Room, "fits", 0)
    with pytest.raises(torch.OutOfMemoryError):
        train(tmp_path)
