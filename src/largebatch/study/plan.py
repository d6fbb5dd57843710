"""The files that a study consists of, and which of them are wanted now."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

from largebatch.errors import UserError
from largebatch.study.extends import study_names
from largebatch.study.run import Run
from largebatch.study.study import Study

PICTURES = ("pdf", "svg", "png", "json")
RUN = "results/{study}/runs/{task}/b{batch}/{optimizer}/lr{lr}/seed{seed}.parquet"


@dataclass(frozen=True)
class Plan:
    """The files of a study; with `stored`, only what can be drawn from runs that it accepts."""

    study: Study
    stored: Callable[[Run], bool] | None = None

    @property
    def figures(self) -> list[str]:
        """The figures to draw: all, or with `stored` those with at least one stored run."""
        return [f for f in self.study.figures if not self.stored or self.runs_of(f)]

    @cached_property
    def runs(self) -> list[str]:
        """Files of all runs of the enabled sweeps, which include those of every figure."""
        return self._wanted(self.study.runs)

    def runs_of(self, figure: str) -> list[str]:
        """Files of the runs that a figure shows. UserError if there is no such figure."""
        return self._wanted(self.study.runs_of(figure))

    def pictures(self, figure: str) -> list[str]:
        """The figure's files: three formats and the sidecar."""
        return [f"{self.study.stem(figure)}.{ending}" for ending in PICTURES]

    @staticmethod
    def data(dataset: str) -> str:
        """The file of a prepared data set, which all studies share."""
        return f"results/data/{dataset}.safetensors"

    def run(self, **wildcards: str) -> Run:
        """The run whose file is `RUN` with these wildcards. UserError if there is no such run."""
        return self.study.run(RUN.format(**wildcards))

    def refuse(self, target: str) -> None:
        """Raise UserError for a target that no rule makes."""
        file, (top, study, *_) = self.study.file, (*target.split("/"), "")
        if target in self.study.figures:
            raise UserError(
                f"{file}: figures.{target}: none of its runs is stored yet; train some, or ask for "
                "it without `unfinished`."
            )
        others = {*study_names(file.parent)} - {self.study.name}
        if top == "results" and study in others:
            raise UserError(f"{target}: it is part of another study; add `--config study={study}`.")
        known = ", ".join(self.study.figures)
        raise UserError(
            f"{file}: there is no '{target}' to make; its figures are {known}, "
            f"`largebatch runs --study {self.study.name}` lists its runs, and "
            "`snakemake --list-target-rules` the rest."
        )

    def _wanted(self, runs: list[Run]) -> list[str]:
        return [r.path for r in runs if not self.stored or self.stored(r)]
