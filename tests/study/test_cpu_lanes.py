"""How many runs share a core: as many as still gain, by the measured table."""

from pathlib import Path

import pyarrow.parquet as pq
import pytest

from largebatch.study import load_study
from largebatch.study.kinds.table import KINDS
from largebatch.study.lanes import lanes

TABLE = Path(__file__).parents[2] / "benchmarks/measured/lanes-cpu.parquet"
ROWS = pq.read_table(TABLE).to_pylist()
PAPER, DEMO = load_study("paper"), load_study("demo")
TASKS = {task.model["kind"]: task for task in PAPER.tasks.values()}


@pytest.mark.parametrize("kind", KINDS)
def test_larger_networks_share_a_core_with_fewer(kind):
    """Of the paper's a second lane is free, since one alone computes an idle twin, and no third."""
    counts = [count for _, count in KINDS[kind].cpu_lanes]
    assert counts == sorted(counts, reverse=True)
    assert {lanes("auto", TASKS[kind], batch, "cpu", 784) for batch in (1, 1024)} == {2}
    assert counts[-1] == 2


@pytest.mark.parametrize("workload", sorted({row["workload"] for row in ROWS}))
def test_a_cores_packs_are_as_fast_as_any_that_was_measured(workload):
    """To a tenth, by which rounds scatter. A larger pack counts as the largest measured."""
    task, batch = workload.split(" B=")
    study = DEMO if task in DEMO.tasks else PAPER
    pixels = study.amount(study.tasks[task].dataset).each
    chosen = lanes("auto", study.tasks[task], int(batch), "cpu", pixels)
    gains = {r["contender"]: r["times plain"] for r in ROWS if r["workload"] == workload}
    sizes = {int(name.split()[-1]): gain for name, gain in gains.items() if "pack" in name}
    assert sizes[min(chosen, max(sizes))] > 0.9 * max(sizes.values())
