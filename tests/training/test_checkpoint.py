"""A checkpoint that is not this run's own is refused in a sentence, and training starts afresh."""

import time
from dataclasses import replace

import pytest
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


@pytest.mark.parametrize("size", [0, 1, 31, 32, 33, 1000, -1])
def test_truncated(interrupted, size, tmp_path, undisturbed) -> None:
    for job in interrupted[:3]:
        content = job.checkpoint.read_bytes()
        job.checkpoint.write_bytes(content[:size])
    afresh(interrupted, interrupted[:3], tmp_path, undisturbed, "damaged; training starts afresh.")


def test_one_bit_flipped(interrupted, tmp_path, undisturbed) -> None:
    content = bytearray(interrupted[0].checkpoint.read_bytes())
    content[len(content) // 2] ^= 1
    interrupted[0].checkpoint.write_bytes(content)
    afresh(interrupted, interrupted[:1], tmp_path, undisturbed, "damaged; training starts afresh.")


def test_of_other_code(interrupted, tmp_path, undisturbed) -> None:
    for job in interrupted[:2]:
        _, made_by = _read(job)
        state = checkpoint.load(job.checkpoint, made_by)
        checkpoint.save(job.checkpoint, replace(state, made_by="another digest"))
    sentence = "of other settings, data or code; training starts afresh."
    afresh(interrupted, interrupted[:2], tmp_path, undisturbed, sentence)


def test_of_another_run(interrupted, tmp_path, undisturbed) -> None:
    """Two checkpoints swapped: the settings differ."""
    first, second = interrupted[:2]
    kept = first.checkpoint.read_bytes()
    first.checkpoint.write_bytes(second.checkpoint.read_bytes())
    second.checkpoint.write_bytes(kept)
    sentence = "of other settings, data or code; training starts afresh."
    afresh(interrupted, [first, second], tmp_path, undisturbed, sentence)


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
    import io

    import torch

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
