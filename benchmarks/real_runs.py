"""Real runs for a machine with a GPU and little else: planned where the lock is, trained there.

    python benchmarks/real_runs.py plan mnist-full autoencoder-b64 --seeds 1 2    writes a plan
    python3 benchmarks/real_runs.py train --minutes 9    trains the planned runs that are missing
    python3 benchmarks/real_runs.py files                lists those that exist, and their logs

A plan is for one sweep of a study, with its seeds or with those named, which the study need not
list yet; it replaces the sweep's earlier plan. Plans are in results/plans, runs where the workflow
looks for them. Snakemake then draws the figures (`--rerun-triggers mtime`: a run trained this way
has no Snakemake metadata). A plan goes seed by seed, so that what is finished of a sweep can be
drawn. Runs of neighbouring rates share a pack, because those that diverge then diverge together.
`train` prepares data sets that are missing, and exits with 1 if a run failed. If told to stop
(SIGTERM), it leaves checkpoints, from which the next `train` continues.
"""

import argparse
import json
import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "src"))

from parts.options import at_least, in_a_sentence, positive

from largebatch.errors import UserError

if TYPE_CHECKING:
    from largebatch.study import Run, Study

PLANS = Path("results/plans")
DOWNLOADS = Path("results/downloads")


@in_a_sentence
def main() -> int:
    options = _options()
    if options.command == "plan":
        print(plan(options.study, options.sweep, options.seeds, options.lanes))
        return 0
    if options.command == "files":
        for name in files():
            print(name)
        return 0
    return 1 if train(options.minutes, options.device) else 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    commands = parser.add_subparsers(dest="command", required=True)
    of_plan = commands.add_parser("plan", help="write a sweep's runs to results/plans")
    of_plan.add_argument("study")
    of_plan.add_argument("sweep")
    of_plan.add_argument("--seeds", type=at_least(0), nargs="+", help="instead of the sweep's own")
    of_plan.add_argument("--lanes", type=at_least(1), help="runs per pack, not the GPU table's")
    of_train = commands.add_parser("train", help="train the planned runs that are missing")
    of_train.add_argument(
        "--minutes", type=positive, default=9.0, help="start no pack after this many"
    )
    of_train.add_argument("--device", default="cuda", choices=["auto", "cpu", "cuda"])
    commands.add_parser("files", help="list the planned runs that exist, and their logs")
    return parser.parse_args()


def plan(
    study_name: str, sweep: str, seeds: Sequence[int] | None = None, width: int | None = None
) -> Path:
    """Write results/plans/<study>-<sweep>.json: packs of jobs, and how to make their data.

    seeds: None for the sweep's own. width: runs per pack; None for what the GPU's table says.
    Raises UserError.
    """
    from largebatch.records.atomic import replacing
    from largebatch.study import load_study
    from largebatch.study.lanes import lanes

    study = load_study(study_name)
    runs = sorted(_runs(study, sweep, seeds), key=lambda run: (run.seed, run.lr, run.path))
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
    path = PLANS / f"{study.name}-{sweep}.json"
    with replacing(path) as temporary:
        temporary.write_text(json.dumps(content))
    return path


def _runs(study: "Study", sweep: str, seeds: Sequence[int] | None) -> "list[Run]":
    """The sweep's runs, with these seeds if any are given; a seed given twice counts once."""
    if sweep not in study.sweeps:
        known = ", ".join(study.sweeps)
        raise UserError(f"{study.file}: sweeps: there is no sweep '{sweep}'; it has {known}.")
    wanted = study.sweeps[sweep]
    if seeds:
        wanted = replace(wanted, seeds=tuple(dict.fromkeys(seeds)))
    return wanted.runs(study.name)


def _log(run) -> str:
    return f"results/{run.study}/logs/{run.name}.log"


def train(minutes: float, device: str) -> int:
    """Train pack after pack until all runs exist or time is up; return how many failed."""
    from largebatch.training.drive import Stopped
    from largebatch.training.worker import train as train_jobs

    failed, deadline = 0, time.monotonic() + 60 * minutes
    plans = _plans()
    for content in plans.values():  # missing downloads are reported before any time is spent
        _prepare(content["dataset"])
    for file, content in plans.items():
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


def files() -> list[str]:
    """Run files and logs of the planned runs, as far as they exist."""
    jobs = [job for content in _plans().values() for pack in content["packs"] for job in pack]
    names = (job[key] for job in jobs for key in ("out", "log"))
    return [name for name in names if Path(name).exists()]


def _plans() -> dict[Path, dict]:
    """The content of each plan, by its file."""
    return {file: json.loads(file.read_text()) for file in sorted(PLANS.glob("*.json"))}


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
