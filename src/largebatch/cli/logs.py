"""The log of a run, and what it says last."""

from pathlib import Path

from largebatch.study import Run

# How the last line of a run that did not fail begins (training/pack_worker.py, leases/taking.py).
ENDS = ("finished", "diverged in epoch", "told to stop", "not trained here: told to stop")


def log_of(run: Run) -> Path:
    """results/<study>/logs/<run>.log, relative to the checkout."""
    return Path(f"results/{run.study}/logs/{run.name}.log")


def last_words(log: Path, name: str) -> str | None:
    """The log's last line that is not empty, without time and run; None if there is none."""
    try:
        lines = log.read_text(encoding="utf-8", errors="replace").split("\n")
    except OSError:
        return None
    last = next((line for line in reversed(lines) if line.strip()), None)
    return last and (last.partition(f" {name} ")[2] or last)
