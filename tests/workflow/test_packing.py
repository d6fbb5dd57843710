"""Which jobs share a process, and how processes start and end."""

import itertools
import json
import math
import os
import signal
import subprocess
import sys

import pytest
from checkout import wait_for
from hypothesis import given
from hypothesis import strategies as st

from largebatch.training.leases.holder import myself
from snakemake_executor_plugin_lanes.folders import clear
from snakemake_executor_plugin_lanes.packing import LEAST_WORK, Waiting, even_parts, packs_in_order
from snakemake_executor_plugin_lanes.process import MORTAL, how_it_ended, start, stop

jobs = st.builds(
    Waiting,
    job=st.integers(),
    pack=st.sampled_from(["", "a", "b"]),
    lanes=st.integers(1, 5),
    work=st.integers(1, 100_000),
    priority=st.integers(0, 2),
    likeness=st.tuples(st.integers(0, 9)),
)


@given(st.lists(jobs, max_size=30), st.sampled_from([0, 50_000, 200_000, math.inf]))
def test_every_job_starts_once(waiting: list[Waiting], share: float) -> None:
    packs = packs_in_order(waiting, share)
    for pack in packs:
        assert len({(one.pack, one.priority) for one in pack}) == 1
        assert len(pack) <= min(one.lanes for one in pack)
        assert pack[0].pack or len(pack) == 1
    order = [(pack[0].priority, sum(one.work for one in pack)) for pack in packs]
    assert order == sorted(order, reverse=True)
    assert sorted(map(repr, itertools.chain(*packs))) == sorted(map(repr, waiting))


def sizes(share: float, *works: list[int], lanes: int = 20) -> list[int]:
    """Jobs of each part of packs whose jobs have these works."""
    packs = [(str(i), work) for i, jobs in enumerate(works) for work in jobs]
    waiting = [Waiting(i, pack, lanes, work) for i, (pack, work) in enumerate(packs)]
    return [len(part) for part in packs_in_order(waiting, share)]


def test_parts_are_even_and_of_like_jobs() -> None:
    members = [Waiting(i, "a", lanes=20, likeness=(-i,)) for i in range(24)]
    parts = even_parts(members, 2)
    assert [len(part) for part in parts] == [12, 12]
    assert [one.job for one in parts[0]] == list(range(23, 11, -1))


def test_packs_are_as_few_as_lanes_allow() -> None:
    assert sizes(math.inf, [1] * 24) == [12, 12]
    assert sizes(math.inf, [1] * 41, lanes=50) == [41]


MINUTE = 60_000


def test_a_pack_is_split_that_has_more_than_its_share() -> None:
    """Else one core would train all of it while the others have nothing to do."""
    assert sizes(5 * MINUTE, [MINUTE] * 20) == [5] * 4
    assert sizes(11 * MINUTE, [MINUTE] * 20, [MINUTE] * 2) == [10, 10, 2]
    assert sizes(14 * MINUTE, [MINUTE] * 20) == [20]  # two parts would be less even


def test_parts_have_two_jobs_and_are_worth_their_start() -> None:
    assert sizes(1, [MINUTE] * 9) == [3, 2, 2, 2]
    assert sizes(1, [MINUTE]) == [1]
    assert sizes(1, [LEAST_WORK // 10] * 20) == [10, 10]


def test_most_work_first() -> None:
    short, long = Waiting(1, "a", lanes=9, work=5), Waiting(2, "b", lanes=9, work=4)
    assert packs_in_order([short, long, long]) == [[long, long], [short]]


def test_an_ended_process_in_words() -> None:
    assert how_it_ended(3) == "ended with exit code 3"
    assert how_it_ended(-signal.SIGTERM) == "was ended by SIGTERM"
    assert "memory" in how_it_ended(-signal.SIGKILL)
    assert "memory" in how_it_ended(137)  # as a shell says it
    assert how_it_ended(255) == "ended with exit code 255"
    assert how_it_ended(-40) == "was ended by signal 40"


def test_a_whole_group_is_stopped(tmp_path) -> None:
    """A command that ignores SIGTERM, and what it has started, end after the grace."""
    stubborn = "trap '' TERM; sleep 1000 & echo $!; wait; sleep 1000"
    with open(tmp_path / "said", "wb") as said:
        process = start(["bash", "-c", stubborn], said)
    wait_for((tmp_path / "said").read_text)  # the trap is set
    stop([process], grace=0.2)
    assert process.returncode == -signal.SIGKILL
    found = subprocess.run(["ps", "-o", "stat=", "-g", str(process.pid)], capture_output=True)
    assert all(line.strip().startswith(b"Z") for line in found.stdout.splitlines())


@pytest.mark.parametrize(
    ("other", "ended"), [({}, False), ({"started": "1"}, True), ({"machine": "before"}, True)]
)
def test_a_pack_ends_with_its_snakemake(tmp_path, other, ended) -> None:
    """A later process with the pid of its Snakemake, or a reboot, does not keep it alive."""
    folder = tmp_path / "train-0"
    folder.mkdir()
    run = {"out": "run.parquet", "done": str(folder / "0.done")}
    content = {"runs": [run], "holder": myself() | other}
    (folder / "pack.json").write_text(json.dumps(content))
    (folder / "pid").write_text(str(os.getpid()))
    clear(tmp_path, (set_aside := []).extend)
    assert (folder / "ended").exists() == ended
    assert set_aside == (["run.parquet"] if ended else [])  # which is put back
    (folder / "ended").unlink(missing_ok=True)
    (folder / "batch.sh").touch()  # SLURM may still have it
    clear(tmp_path, pytest.fail)
    assert not (folder / "ended").exists()


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere it goes on to its end")
def test_a_process_whose_parent_has_died_meanwhile_does_not_begin() -> None:
    another = str(os.getppid())
    assert subprocess.run([sys.executable, MORTAL, another, "echo"]).returncode == 1
    assert subprocess.run([sys.executable, MORTAL, str(os.getpid()), "true"]).returncode == 0


def test_a_process_has_one_thread_and_this_python(tmp_path) -> None:
    code = "import os, sys; print(os.environ['OMP_NUM_THREADS'], os.environ['GPU'], sys.executable)"
    with open(tmp_path / "said", "wb") as said:
        assert start(["python", "-c", code], said, {"GPU": "7"}).wait() == 0
    assert (tmp_path / "said").read_text().split() == ["1", "7", sys.executable]
