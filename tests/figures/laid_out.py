"""Figures laid out in memory, with the numbers that they should show."""

from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from largebatch.figures.draw import picture
from largebatch.figures.sheet import Sheet
from largebatch.figures.style import private_style
from largebatch.records import read_artefact
from largebatch.study import Study

FIGURES = [f"fig{number}" for number in range(1, 10)]
SWEEPS = [name for name in FIGURES if name != "fig3"]
PICK = ["fig1", "fig3", "fig7"]  # a sweep, the momenta, one with absurd losses


@dataclass(frozen=True)
class Drawn:
    """A figure laid out, the rows of its table and its settings."""

    sheet: Sheet
    rows: list[dict]
    settings: dict

    def lines(self, panel: str) -> dict:
        """{name: artist} of the lines of one kind of panel, without marks for special points."""
        found = {line.get_gid(): line for row in self.sheet.axes for ax in row for line in ax.lines}
        marks = ("hollow", "top", "bottom")
        return {
            gid: line
            for gid, line in found.items()
            if gid and gid.startswith(f"{panel}:") and not gid.endswith(marks)
        }

    def words(self) -> list[str]:
        return [text.get_text() for text in self.sheet.figure.texts]


def draw_in_memory(study: Study, figure: str, root: Path, change=lambda row: None) -> Drawn:
    """The figure of its table after `change(row)` of each row."""
    artefact = read_artefact(root / f"results/{study.name}/tables/{figure}.parquet")
    settings, rows = study.figure_settings(figure), artefact.table.to_pylist()
    for row in rows:
        change(row)
    table = pa.Table.from_pylist(rows, schema=artefact.table.schema)
    with private_style():
        sheet = picture(table, settings, artefact.record["facts"]["runs"])
        sheet.figure.draw_without_rendering()  # only then do legend and ticks have their places
    return Drawn(sheet, rows, settings)
