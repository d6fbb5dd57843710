"""Which files a study is made of, and which of them are wanted now."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

from largebatch.errors import UserError
from largebatch.study.run import Run
from largebatch.study.study import Study

PICTURES = ("pdf", "svg", "png", "json")
RUN = "results/{study}/runs/{task}/b{batch}/{optimizer}/lr{lr}/seed{seed}.parquet"


@dataclass(frozen=True)
class Plan:
    """The files of a study; with `stored`, only what can be drawn from the runs it is true of."""

    study: Study
    stored: Callable[[Run], bool] | None = None

    @property
    def figures(self) -> list[str]:
        """The figures to draw: all, or those of which some run is stored."""
        return [f for f in self.study.figures if not self.stored or self.runs_of(f)]

    @cached_property
    def runs(self) -> list[str]:
        """Files of all runs that are switched on, those of every figure among them."""
        return self._wanted(self.study.runs)

    def runs_of(self, figure: str) -> list[str]:
        """Files of the runs that a figure shows."""
        return self._wanted(self.study.runs_of(figure))

    def table(self, figure: str) -> str:
        return f"results/{self.study.name}/tables/{figure}.parquet"

    def pictures(self, figure: str) -> list[str]:
        """The figure in three formats, and what it was made of."""
        return [f"results/{self.study.name}/figures/{figure}.{ending}" for ending in PICTURES]

    def data(self, dataset: str) -> str:
        return f"results/data/{dataset}.safetensors"

    def run(self, **wildcards: str) -> Run:
        """The run whose file is `RUN` with these wildcards. UserError if the study has it not."""
        path = RUN.format(**wildcards)
        if path not in self._by_path:
            raise UserError(
                f"{path}: this is no run of {self.study.file}; `largebatch runs` lists them."
            )
        return self._by_path[path]

    @cached_property
    def _by_path(self) -> dict[str, Run]:
        return runs_by_file(self.study)

    def _wanted(self, runs: list[Run]) -> list[str]:
        return [r.path for r in runs if not self.stored or self.stored(r)]


def runs_by_file(study: Study) -> dict[str, Run]:
    """Every run of the study, also of sweeps that are off."""
    runs = (run for sweep in study.sweeps.values() for run in sweep.runs(study.name))
    return {run.path: run for run in runs}
