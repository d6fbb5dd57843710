"""A report that keeps what it says, and jobs and processes for it to tell of."""

from types import SimpleNamespace

from snakemake.iocontainers import OutputFiles

from snakemake_executor_plugin_lanes.report import Report


class Kept(Report):
    """`lines`: all that was said. It says what is at work whenever it is asked to look."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        super().__init__(0.0, self.lines.append)


def job(*output: str, log: str = "", **resources) -> SimpleNamespace:
    return SimpleNamespace(
        name="rule",
        output=OutputFiles(toclone=list(output)),
        log=[log] if log else [],
        resources=resources,
    )


def process(lead, seen: dict | None = None, jobs: int = 1, state: str = "") -> SimpleNamespace:
    """So many jobs like the first, at work."""
    return SimpleNamespace(
        lead=lead,
        unsettled=[SimpleNamespace(job=lead)] * jobs,
        progress=lambda: seen or {},
        begun="started",
        state=state,
    )
