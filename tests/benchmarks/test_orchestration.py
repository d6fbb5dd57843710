"""The benchmark of Snakemake's own cost, small."""

import subprocess
import sys
from pathlib import Path

PROJECT = Path(__file__).parents[2]
CALLS = ["dry run, 20 runs", "train 20 trivial runs", "nothing to do, 20 runs"]


def test_its_stub_of_a_trainer_is_called_as_the_trainer_is(tmp_path):
    script = PROJECT / "benchmarks/orchestration.py"
    command = [sys.executable, str(script), "--small"]
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert all(call in done.stdout for call in CALLS)
