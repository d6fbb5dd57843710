"""Which pack gets which GPU of this machine."""

import shlex

import pytest
from checkout import Checkout

from snakemake_executor_plugin_lanes.gpus import (
    EVERYTHING,
    Gpus,
    gpus_here,
    memory_of,
    visible_gpus,
)


def test_spread_over_the_gpus_then_shared() -> None:
    gpus = Gpus(["0", "GPU-abc"], packs=2)
    assert [gpus.take(pack, 100) for pack in range(4)] == ["0", "GPU-abc", "0", "GPU-abc"]
    assert gpus.free == 0 and not gpus.fits(0)
    gpus.give_back("one that has none")
    gpus.give_back(1)
    assert gpus.free == 1 and gpus.take(4, 100) == "GPU-abc"


def test_as_many_as_the_memory_holds() -> None:
    gpus = Gpus(["0", "1"], packs=4, memory={"0": 1000, "1": 500})
    assert gpus.take("a", 400) == "0"
    assert gpus.take("b", 900) == "1"  # it may try alone, and go on in halves if out of memory
    assert gpus.take("c", 600) == "0"
    assert gpus.free == 5 and not gpus.fits(1)
    gpus.give_back("b")
    assert gpus.take("d", 300) == "1" and not gpus.fits(201) and gpus.fits(200)


KNOWN = {"GPU-abc": 81559, "GPU-def": 24000}


@pytest.mark.parametrize(
    ("named", "visible"),
    [
        (None, ["GPU-abc", "GPU-def"]),
        ("1,0", ["1", "0"]),
        ("0, 1", ["0", "1"]),
        ("GPU-def", ["GPU-def"]),
        ("MIG-123,MIG-456", ["MIG-123", "MIG-456"]),
        ("", []),
        ("-1", []),
        ("NoDevFiles", []),
        ("0,-1,1", ["0"]),
        ("0,2,1", ["0"]),  # there are two
        ("0,0", []),
    ],
)
def test_what_this_process_may_use(named, visible) -> None:
    """As CUDA reads it."""
    assert visible_gpus(named, KNOWN) == visible


def test_what_is_named_where_none_can_be_asked_for() -> None:
    assert visible_gpus("7,8", {}) == ["7", "8"]
    assert visible_gpus(None, {}) == []


@pytest.mark.parametrize(
    ("device", "memory"),
    [("GPU-def", 24000), ("GPU-a", 81559), ("1", 24000), ("MIG-123", EVERYTHING)],
)
def test_how_much_memory_it_has(device, memory) -> None:
    assert memory_of(device, KNOWN) == memory
    assert memory_of(device, {}) == EVERYTHING


def test_what_the_driver_says(stub, monkeypatch) -> None:
    """For one GPU it does not say how much memory it has; another GPU is broken."""
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    rows = ["GPU-abc, 81559", "GPU-def, [N/A]", "[GPU is lost], [GPU is lost]"]
    stub("nvidia-smi", f"printf '%s\\n' {shlex.join(rows)}")
    gpus = gpus_here(4, print)
    assert gpus.memory == {"GPU-abc": 81559, "GPU-def": EVERYTHING}
    assert gpus.free == 8


def test_a_profile_for_gpus_where_there_is_none(monkeypatch) -> None:
    """With `device: auto` packs compute on the CPU, which must be said; with `cuda` each fails."""
    said = []
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "0")
    assert gpus_here(4, said.append).free == 4 and said == []
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "-1")
    assert gpus_here(4, said.append).free == 0
    assert len(said) == 1 and "packs compute on the CPU" in said[0]


def test_packs_are_told_their_gpu(checkout: Checkout, monkeypatch) -> None:
    """With `--profile profiles/gpu`; the GPUs need not exist. The edit makes all runs stale."""
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "7,8")
    worker = checkout.root / "src/largebatch/training/worker.py"
    spy = (
        "\nimport os\nPath(f'told-{os.getpid()}').write_text(os.environ['CUDA_VISIBLE_DEVICES'])\n"
    )
    worker.write_text(worker.read_text() + spy)
    checkout.snakemake("--profile", "profiles/gpu", "runs", "--config", "study=tiny", "device=cpu")
    told = sorted(path.read_text() for path in checkout.root.glob("told-*"))
    assert told == ["7", "8"]
