"""What the trainer is asked to do: one run, its input and its output."""

import json
from dataclasses import dataclass
from pathlib import Path

from largebatch.errors import UserError
from largebatch.study.run import Run


@dataclass(frozen=True)
class Job:
    """One run to train.

    spec: `Study.spec(run)`. data: the prepared data set. out: the run's Parquet file. log: its log.
    done: touched after `out` is whole (the executor waits for it). attempt: 1, 2, ...
    """

    spec: dict
    data: Path
    out: Path
    log: Path | None = None
    done: Path | None = None
    attempt: int = 1

    @property
    def checkpoint(self) -> Path:
        """Beside the result, so that the rename that completes it stays within one file system."""
        return self.out.with_suffix(".checkpoint")

    @property
    def lease(self) -> Path:
        """Also beside the result; whoever writes this run holds it."""
        return self.out.with_suffix(".lease")

    @property
    def name(self) -> str:
        """The run's name (`Run.name`), wherever `out` lies."""
        s = self.spec
        run = Run("", s["task"]["name"], s["batch"], s["optimizer"], s["effective_lr"], s["seed"])
        return run.name


def read_pack(path: Path) -> list[Job]:
    """The jobs of a pack file: {"runs": [{"spec", "data", "out", "log", "done", "attempt"}]}.

    Jobs that are done are left out, since a cluster may start the same pack again.
    """
    try:
        runs = json.loads(path.read_text(encoding="utf-8"))["runs"]
        return [job for job in map(_job, runs) if not (job.done and job.done.exists())]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise UserError(f"{path}: not a pack file ({error!r}); run snakemake again.") from None


def _job(run: dict) -> Job:
    spec = json.loads(run["spec"]) if isinstance(run["spec"], str) else run["spec"]
    optional = {key: Path(run[key]) for key in ("log", "done") if run.get(key)}
    attempt = run.get("attempt", 1)
    return Job(spec, Path(run["data"]), Path(run["out"]), **optional, attempt=attempt)
