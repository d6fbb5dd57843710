"""A table that several calls fill; a newly measured row replaces an earlier one of its case."""

import json
from collections.abc import Callable, Sequence
from pathlib import Path

from rows import save

# Facts that must be the same for all rows of a table.
MACHINE = ("device", "hardware", "torch", "cuda", "cudnn")


class Kept:
    """Rows on disk and new ones, in one order; a table of another machine is replaced as a whole.

    case: columns that tell rows apart. order: the key by which rows are sorted. Facts that differ
    between calls are listed in the footer, the earlier call's first.
    """

    def __init__(
        self, name: str, case: tuple[str, ...], order: Callable, facts: dict[str, str], folder: Path
    ):
        self.name, self.case, self.order, self.folder = name, case, order, folder
        earlier, before = read(name, folder)
        same = all(before.get(key) == facts.get(key) for key in MACHINE)
        self._rows = {self._case(row): row for row in earlier} if same else {}
        self.facts = together(before, facts) if self._rows else facts

    @property
    def rows(self) -> list[dict]:
        return sorted(self._rows.values(), key=self.order)

    def add(self, rows: list[dict]) -> Path | None:
        """Add rows and save the table. Without rows nothing is written, and a table stays as is."""
        if not rows:
            return None
        self._rows |= {self._case(row): row for row in rows}
        return save(self.name, self.rows, self.facts, self.folder)

    def _case(self, row: dict) -> tuple:
        return tuple(row[column] for column in self.case)


def read(name: str, folder: Path) -> tuple[list[dict], dict[str, str]]:
    """Rows and facts that `save` wrote there, both empty if it has not."""
    parquet, text = (folder / f"{name}.{ending}" for ending in ("parquet", "json"))
    if parquet.exists():
        import pyarrow.parquet as pq

        table = pq.read_table(parquet)
        facts = {key.decode(): value.decode() for key, value in table.schema.metadata.items()}
        return table.to_pylist(), facts
    if text.exists():
        written = json.loads(text.read_text())
        return written["rows"], written["facts"]
    return [], {}


def together(before: dict[str, str], facts: dict[str, str]) -> dict[str, str]:
    """The facts of both calls; where they differ, one after the other."""
    found = before | facts
    for key in before.keys() & facts.keys():
        calls = before[key].split("; ")
        found[key] = "; ".join(calls if facts[key] in calls else [*calls, facts[key]])
    return found


def place(order: Sequence, item: object) -> int:
    """The position of an item in a sequence; an unknown item comes last."""
    return order.index(item) if item in order else len(order)
