"""A checkpoint that is not this run's own is refused in a sentence, and training starts afresh."""

import io
import time
from dataclasses import replace

import pytest
import torch
from family_packs import FAMILIES, digests, jobs_of, log, start, strays, train

from largebatch.records import read_record
from largebatch.training import checkpoint


@pytest.fixture
def interrupted(data, tmp_path):
    """The auto-encoder's jobs with a checkpoint of each."""
    jobs = jobs_of("autoencoder", data, tmp_path)
    process = start(jobs, tmp_path, checkpoint_seconds=0)
    while not all(job.checkpoint.exists() for job in jobs):
        time.sleep(0.005)
    process.terminate()
    process.join()
    return [job for job in jobs if not job.out.exists()]


def afresh(jobs, refused, root, undisturbed, sentence: str) -> None:
    """Runs with refused checkpoints start again, the others go on; all end with the same bits."""
    assert train(jobs, root) == 0
    for job in refused:
        assert f"{job.checkpoint}: the checkpoint is {sentence}" in log(job)
        assert "resumed_from" not in read_record(job.out)["facts"]
    others = [job for job in jobs if job not in refused]
    assert all("resumed_from" in read_record(job.out)["facts"] for job in others)
    assert digests(jobs).items() <= undisturbed["autoencoder"].items()
    assert strays(root) == []


@pytest.mark.parametrize("sizes", [(0, 1, 31, 32), (33, 1000, -1, None)])
def test_damaged(interrupted, sizes, tmp_path, undisturbed) -> None:
    """One truncated to each size; None: whole, but with a bit flipped."""
    damaged = interrupted[: len(sizes)]
    for job, size in zip(damaged, sizes, strict=True):
        content = bytearray(job.checkpoint.read_bytes())
        content[len(content) // 2] ^= size is None
        job.checkpoint.write_bytes(content[:size])
    afresh(interrupted, damaged, tmp_path, undisturbed, "damaged; training starts afresh.")


def test_of_other_code_or_of_another_run(interrupted, tmp_path, undisturbed) -> None:
    """Of another run: two checkpoints swapped, so the settings differ."""
    changed, first, second = interrupted[:3]
    state = checkpoint.load(changed.checkpoint, _read(changed)[1])
    checkpoint.save(changed.checkpoint, replace(state, made_by="another digest"))
    kept = first.checkpoint.read_bytes()
    first.checkpoint.write_bytes(second.checkpoint.read_bytes())
    second.checkpoint.write_bytes(kept)
    sentence = "of other settings, data or code; training starts afresh."
    afresh(interrupted, [changed, first, second], tmp_path, undisturbed, sentence)


@pytest.mark.parametrize("family", FAMILIES)
def test_saved_and_loaded_is_the_same(family, data, tmp_path) -> None:
    """Tensors, rows and position survive to the last bit."""
    job = jobs_of(family, data, tmp_path)[0]
    process = start([job], tmp_path, checkpoint_seconds=0)
    while not job.checkpoint.exists():
        time.sleep(0.001)
    process.kill()
    process.join()
    content, made_by = _read(job)
    checkpoint.save(job.checkpoint, checkpoint.load(job.checkpoint, made_by))
    assert _read(job)[0] == content


def _read(job) -> tuple[dict, str]:
    """Everything in a checkpoint file but its tensors, which are turned into lists."""
    fields = torch.load(io.BytesIO(job.checkpoint.read_bytes()[32:]), weights_only=True)
    made_by = fields["made_by"]
    return fields | {"tensors": {k: t.tolist() for k, t in fields["tensors"].items()}}, made_by


def test_one_that_cannot_be_read(interrupted, tmp_path, undisturbed) -> None:
    """After a bad disk or a stale file handle this run starts afresh, and its mates go on."""
    first = interrupted[0]
    first.checkpoint.unlink()
    first.checkpoint.symlink_to(tmp_path)
    sentence = "not readable: [Errno 21] Is a directory"
    afresh(interrupted, [first], tmp_path, undisturbed, sentence)
