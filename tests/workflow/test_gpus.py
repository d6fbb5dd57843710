"""Which pack gets which GPU of this machine."""

import os

from checkout import Checkout

from snakemake_executor_plugin_lanes.gpus import Gpus, visible_gpus


def test_spread_over_the_gpus_then_shared() -> None:
    gpus = Gpus(["0", "GPU-abc"], packs=2)
    assert [gpus.take() for _ in range(4)] == ["0", "GPU-abc", "0", "GPU-abc"]
    assert gpus.free == 0
    gpus.give_back("GPU-abc")
    assert gpus.free == 1 and gpus.take() == "GPU-abc"


def test_what_this_process_may_use(monkeypatch) -> None:
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "3,GPU-abc")
    assert visible_gpus() == ["3", "GPU-abc"]
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "")
    assert visible_gpus() == []
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES")
    monkeypatch.setenv("PATH", os.devnull)
    assert visible_gpus() == []


def test_packs_are_told_their_gpu(fresh: Checkout, monkeypatch) -> None:
    """As `--profile profiles/gpu` does it, with the names of GPUs that are not there."""
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "7,8")
    worker = fresh.root / "src/largebatch/training/worker.py"
    spy = (
        "\nimport os\nPath(f'told-{os.getpid()}').write_text(os.environ['CUDA_VISIBLE_DEVICES'])\n"
    )
    worker.write_text(worker.read_text() + spy)
    fresh.snakemake("--profile", "profiles/gpu", "runs", "--config", "study=tiny", "device=cpu")
    told = sorted(path.read_text() for path in fresh.root.glob("told-*"))
    assert told == ["7", "8"]
