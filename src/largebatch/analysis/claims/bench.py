"""What a check works with: the sweeps that it names, as grids of verified scores."""

from collections.abc import Iterator, Sequence
from functools import cache, cached_property
from pathlib import Path

from largebatch.analysis.claims.evidence import NotRun
from largebatch.analysis.claims.grid import Grid, build_grid
from largebatch.analysis.claims.ledger import LEDGER, Claim, read_ledger
from largebatch.analysis.histories import History, read_history
from largebatch.analysis.measure.files import measured_files, read_measured
from largebatch.analysis.measure.log_h_max import RESOLUTION, at_smallest_rate, log_h_max
from largebatch.analysis.stored import is_stored
from largebatch.errors import UserError
from largebatch.records import Artefact
from largebatch.study import Run, Study, Sweep
from largebatch.study.kinds.table import kind_of

CURVATURE = "src/largebatch/analysis/measure/curvature.py"


class Bench:
    """The sweeps of a study, and the settings of the checkout's ledger (`ledger.Ledger`)."""

    def __init__(self, study: Study, root: Path = Path(".")):
        self.study, self.root, self.ledger = study, root, read_ledger(root)
        self.alpha, self.draws, self.clock = self.ledger.alpha, self.ledger.draws, self.ledger.clock
        self._read: dict[Run, History] = {}
        self._grids: dict[tuple[str, str], Grid] = {}
        # Cached: many claims are about the same runs.
        self._exists = cache(lambda run: is_stored(study, run, root))

    def sweeps(self, reference: str) -> dict[str, Sweep]:
        """{name: sweep} of `fig1`, `fig3` (both rows), `fig3/2` (its second row) or a sweep's name.

        Raises NotRun if the study lacks it or has it switched off.
        """
        figure, _, row = reference.partition("/")
        if figure in self.study.figures:
            names = self.study.figures[figure].sweeps
            rows = [f"{figure}/{i}" for i in range(1, len(names) + 1)]
            labels = rows if len(rows) > 1 else [figure]
            found = dict(zip(labels, (self.study.sweeps[name] for name in names), strict=True))
            if row and reference not in found:
                raise NotRun(f"{figure} of the study {self.study.name} has no row {row}")
            return {reference: found[reference]} if row else found
        if reference not in self.study.sweeps:
            raise NotRun(f"the study {self.study.name} has no {reference}")
        sweep = self.study.sweeps[reference]
        if not sweep.enabled:
            switch = f"`--config enable='[{sweep.group}]'`"
            raise NotRun(f"{reference} is off; switch it on with {switch}")
        return {reference: sweep}

    def runs_for(self, claim: Claim) -> list[Run]:
        """Every run that the claim needs, once.

        Raises NotRun if one is missing, or if no run can decide the claim.
        """
        for check in claim.checks:
            if check["test"] == "untested":
                raise NotRun(check["because"])
        found = (self.sweeps(reference).values() for reference in claim.references)
        runs = list(dict.fromkeys(r for s in found for w in s for r in w.runs(self.study.name)))
        missing = [run for run in runs if not self._exists(run)]
        if missing:
            count = f"{len(missing)} of {len(runs)} runs"
            raise NotRun(f"{count} are missing; the first is {missing[0].path}")
        return runs

    def history(self, run: Run) -> History:
        """The verified history of a run, read once."""
        if run not in self._read:
            self._read[run] = read_history(self.study, run, self.root)
        return self._read[run]

    def grids(self, reference: str, split: str) -> Iterator[Grid]:
        """The grids of a reference, for the `train` or `test` metric of its model."""
        for name, sweep in self.sweeps(reference).items():
            yield self._grid(name, sweep, split)

    def grid(self, reference: str, split: str) -> Grid:
        """The grid of a reference that must name one sweep."""
        return self._grid(*self._only(reference), split)

    def _only(self, reference: str) -> tuple[str, Sweep]:
        first, *others = found = self.sweeps(reference)
        if others:
            rows = " or ".join(found)
            raise UserError(f"{LEDGER}: {reference} is several sweeps; name one: {rows}.")
        return first, found[first]

    def _grid(self, name: str, sweep: Sweep, split: str) -> Grid:
        key = (name, split)  # a sweep has another name in each figure that shows it
        if key not in self._grids:
            task = self.study.tasks[sweep.task]
            metric = kind_of(task.model).panels[split]
            self._grids[key] = build_grid(
                name, sweep, self.study.name, metric, task.epochs, self.history, self.ledger
            )
        return self._grids[key]

    def curvatures(self, reference: str) -> dict[int, float]:
        """{seed: log h_max} of a reference that must name one sweep. Raises NotRun if empty."""
        rows = [row for found in self.measured.values() for row in found.table.to_pylist()]
        (_, sweep), name = self._only(reference), self.study.name
        if found := log_h_max(rows, sweep):
            return found
        if at_smallest_rate(rows, sweep):
            raise NotRun(
                f"every h_max of {reference} in results/{name}/measured has an h_max_residual of "
                f"more than {100 * RESOLUTION:g} % of it; let `lanczos` in {CURVATURE} take more "
                "steps"
            )
        raise NotRun(
            f"there is no h_max of {reference} in results/{name}/measured; measure it with "
            f"`snakemake measured --config study={name}`"
        )

    @cached_property
    def measured(self) -> dict[str, Artefact]:
        """All existing measurements, verified, by name."""
        return read_measured(self.study, self.root)

    @property
    def inputs(self) -> list[dict[str, str]]:
        """The runs that were read and the measurements, with digests, as inputs of a record."""
        return [
            *(history.source for history in self._read.values()),
            *(artefact.as_input for artefact in self.measured.values()),
        ]


def splits(check: dict) -> Sequence[str]:
    """Which metrics a check compares: those of the training set, the test set or both."""
    return check.get("metrics", ("train", "test"))


def needed_files(study: Study, root: Path = Path(".")) -> list[str]:
    """Names of the files that claims.parquet would be made from now.

    These are the runs of every claim that has all of its runs, and the existing measurements.
    """
    bench, found = Bench(study, root), dict[str, None]()
    for claim in bench.ledger.claims:
        try:
            found |= dict.fromkeys(run.path for run in bench.runs_for(claim))
        except NotRun:
            continue
    return [*found, *measured_files(study, root)]
