"""Real runs on a machine with a GPU and little else: planned where the lock is, trained there.

    python benchmarks/real_runs.py plan mnist-full autoencoder-b64  a study's sweep: a file of jobs
    python3 benchmarks/real_runs.py train --minutes 9               what is planned and not there

Plans lie in results/plans, runs where the workflow looks for them; snakemake then draws the figures
(`--rerun-triggers mtime`: a run trained so has no Snakemake metadata). `train` prepares data sets
that are missing. Seed by seed, so that what is done of a sweep can be drawn; runs of neighbouring
rates share a pack: those that diverge, diverge together.
Told to stop (SIGTERM), it leaves checkpoints, from which the next `train` goes on.
"""

import argparse
import json
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "src"))

PLANS = Path("results/plans")
DOWNLOADS = Path("results/downloads")


def main() -> int:
    options = _options()
    if options.command == "plan":
        print(plan(options.study, options.sweep, options.lanes))
        return 0
    return train(options.minutes, options.device)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    commands = parser.add_subparsers(dest="command", required=True)
    of_plan = commands.add_parser("plan")
    of_plan.add_argument("study")
    of_plan.add_argument("sweep")
    of_plan.add_argument("--lanes", type=int, help="runs a pack, if not as many as the GPU's table")
    of_train = commands.add_parser("train")
    of_train.add_argument("--minutes", type=float, default=9.0, help="start no pack after that")
    of_train.add_argument("--device", default="cuda")
    return parser.parse_args()


def plan(study_name: str, sweep: str, width: int | None = None) -> Path:
    """Write results/plans/<study>-<sweep>.json: packs of jobs, and how to make their data."""
    from largebatch.study import load_study
    from largebatch.study.lanes import lanes

    study = load_study(study_name)
    runs = study.sweeps[sweep].runs(study.name)
    runs = sorted(runs, key=lambda run: (run.seed, run.lr, run.path))
    task = study.tasks[runs[0].task]
    width = width or lanes("auto", task, runs[0].batch, "cuda")
    data = f"results/data/{task.dataset}.safetensors"
    jobs = [
        {"spec": study.spec(run), "data": data, "out": run.path, "log": _log(run)} for run in runs
    ]
    content = {
        "dataset": {"name": task.dataset, "settings": study.datasets[task.dataset], "path": data},
        "packs": [jobs[start : start + width] for start in range(0, len(jobs), width)],
    }
    PLANS.mkdir(parents=True, exist_ok=True)
    path = PLANS / f"{study_name}-{sweep}.json"
    path.write_text(json.dumps(content))
    return path


def _log(run) -> str:
    return f"results/{run.study}/logs/{run.name}.log"


def train(minutes: float, device: str) -> int:
    """Pack after pack until all is there or time is up; how many runs failed."""
    from largebatch.training.drive import Stopped
    from largebatch.training.worker import train as train_jobs

    failed, deadline = 0, time.monotonic() + 60 * minutes
    for file in sorted(PLANS.glob("*.json")):
        content = json.loads(file.read_text())
        _prepare(content["dataset"])
        for pack in content["packs"]:
            jobs = _missing(pack)
            if jobs and time.monotonic() < deadline:
                started = time.monotonic()
                try:
                    failed += len(train_jobs(jobs, device=device))
                except Stopped:
                    print(f"{file.stem}: told to stop in a pack of {len(jobs)}; checkpoints saved")
                    return failed
                spent = time.monotonic() - started
                print(f"{file.stem}: {len(jobs)} runs in {spent:.1f} s", flush=True)
    return failed


def _missing(pack: list[dict]) -> list:
    from largebatch.training.job import Job

    jobs = [Job(j["spec"], Path(j["data"]), Path(j["out"]), Path(j["log"])) for j in pack]
    return [job for job in jobs if not job.out.exists()]


def _prepare(dataset: dict) -> None:
    path = Path(dataset["path"])
    if not path.exists():
        from largebatch.data.prepare import prepare

        prepare(dataset["name"], dataset["settings"], DOWNLOADS, path, progress=False)


if __name__ == "__main__":
    sys.exit(main())
