"""What the times of trained runs tell about the next ones."""

from pathlib import Path

import pyarrow as pa
import pytest

from largebatch.records import duration, seconds_per_epoch, write_table


@pytest.fixture
def run(tmp_path):
    def write(name: str, seconds: list, mates: int = 0, device: str = "cuda") -> Path:
        facts = {"device": device, "pack_mates": ["other"] * mates}
        path = tmp_path / f"{name}.parquet"
        write_table(path, pa.table({"seconds": seconds}), {"name": name, "facts": facts})
        return path

    return write


def test_the_slowest_of_a_few_counts(run) -> None:
    files = [run("a", [0.5, 2.0, 2.0, 9.0]), run("b", [0.5, 3.0, 3.0, 3.0]), Path("missing")]
    unread = [run("d", [0.5, 9.0]), run("e", [0.5, 9.0])]
    assert seconds_per_epoch([*files, run("c", [0.5, 1.0]), *unread], 1, on_gpu=True) == 3.0


def test_a_fuller_pack_takes_longer(run) -> None:
    files = [run("a", [0.5, 2.0], mates=3)]
    assert seconds_per_epoch(files, 8, on_gpu=True) == 4.0
    assert seconds_per_epoch(files, 2, on_gpu=True) == 2.0


def test_the_pack_as_it_was_before_lanes_diverged_counts(run) -> None:
    """Three of the four lanes diverged in the first epoch; the next pack may lose none."""
    files = [run("a", [0.5, 4.0, 1.0, 1.0, 1.0], mates=3)]
    assert seconds_per_epoch(files, 4, on_gpu=True) == 4.0


def test_only_runs_of_such_a_device_tell(run) -> None:
    files = [run("a", [0.5, 2.0], device="cpu"), run("b", [0.5, 5.0], device="cuda:0")]
    assert seconds_per_epoch(files, 1, on_gpu=False) == 2.0
    assert seconds_per_epoch(files, 1, on_gpu=True) == 5.0


def test_nothing_is_known_of_what_is_damaged_or_diverged_at_once(run) -> None:
    damaged = run("a", [0.5, 2.0])
    damaged.write_bytes(damaged.read_bytes()[:-20])
    files = [damaged, run("b", [0.5]), run("c", [])]
    assert seconds_per_epoch(files, 1, on_gpu=True) is None


@pytest.mark.parametrize(
    ("seconds", "words"), [(99.4, "99 s"), (100, "2 min"), (5_940, "99 min"), (9_000, "2.5 h")]
)
def test_a_duration_in_words(seconds, words):
    assert duration(seconds) == words
