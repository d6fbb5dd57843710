"""How long it takes to hand the paper's packs to SLURM, with a stub for `sbatch`.

    python benchmarks/submit.py        about half a minute

This runs in a temporary copy of the project where all data sets seem to exist. The stub answers at
once; a real `sbatch` adds its own time for each pack (8 ms on an idle cluster, up to a second on a
busy one). Times are wall seconds: from the call of `snakemake` to the last `sbatch`, and from the
first `sbatch` to the last.
"""

import argparse
import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from orchestration import copy_project
from parts.edit import replace
from rows import here, save, show

from largebatch.study import load_study

STUBS = {
    "sbatch": 'case "$*" in *--test-only*) exit 0;; esac\ndate +%s.%N >>$CALLS; wc -l <$CALLS',
    "squeue": 'IFS=, read -ra names <<<"${@: -1}"\n'
    'for name in "${names[@]#--name=}"; do echo "$name|1|PENDING|Priority|"; done',
    "scancel": "exit 0",
    "sinfo": "echo 'main*|infinite|900000'",
}
QUIET_SECONDS = 5.0


def main() -> None:
    argparse.ArgumentParser(description=__doc__.splitlines()[0]).parse_args()
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        copy_project(root)
        (root / "slurm").symlink_to("profiles/slurm")
        put_stubs(root / "bin")
        study = load_study("paper", root)
        for dataset in study.used_datasets():
            path = root / f"results/data/{dataset}.safetensors"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.touch()
        began, times = submitted(root)
    rows = [
        {
            "runs": len(study.runs),
            "packs": len(times),
            "from_the_call_s": times[-1] - began,
            "first_to_last_s": times[-1] - times[0],
        }
    ]
    show(rows)
    print(save("submit", rows, here()))


def put_stubs(folder: Path) -> None:
    folder.mkdir()
    for name, lines in STUBS.items():
        (folder / name).write_text(f"#!/bin/bash\n{lines}\n")
        (folder / name).chmod(0o755)


def submitted(root: Path) -> tuple[float, list[float]]:
    """(when snakemake was called, when each pack was submitted); ends Snakemake when none comes."""
    calls = root / "calls"
    environment = os.environ | {
        "PYTHONPATH": str(root / "src"),
        "PATH": f"{root / 'bin'}:{os.environ['PATH']}",
        "CALLS": str(calls),
    }
    command = [sys.executable, "-m", "snakemake", "--profile", "slurm", "runs"]
    # Submit all packs at once; the default is 100 at a time.
    replace(root / "config/cluster.yaml", "concurrency: 100 ", "concurrency: 10000 ")
    began = time.time()
    with open(root / "said", "w") as said:
        process = subprocess.Popen(command, cwd=root, env=environment, stdout=said, stderr=said)
        times: list[float] = []
        while process.poll() is None and (not times or time.time() - times[-1] < QUIET_SECONDS):
            time.sleep(0.5)
            if calls.exists():
                times = [float(line) for line in calls.read_text().split()]
        process.send_signal(signal.SIGINT)
        process.wait()
    if not times:
        sys.exit((root / "said").read_text())
    return began, times


if __name__ == "__main__":
    main()
