"""What a run's log says last."""

from pathlib import Path


def last_words(log: Path, name: str) -> str | None:
    """Its last line that is not empty, without time and run; None if there is no such file."""
    try:
        lines = log.read_text(encoding="utf-8", errors="replace").split("\n")
    except OSError:
        return None
    last = next((line for line in reversed(lines) if line.strip()), None)
    return last and (last.partition(f" {name} ")[2] or last)
