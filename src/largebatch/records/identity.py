"""The identity by which a drawn figure can be found again, whatever its file is called."""

import re
from pathlib import Path

from largebatch.records.digest import digest_of

MARK = re.compile(rb"largebatch:([0-9a-f]{64})")


def identity(figure: str, table: str, plot_code: str, settings: dict) -> str:
    """Digest of what a picture is made of: figure, table digest, plot code digest and settings.

    It leaves out all that differs between honest repetitions (time, machine, commit), so a figure
    drawn again from the same numbers has the same identity and the same bytes. The style sheet is
    part of the plot code (see `code.py`).
    """
    return digest_of(
        {"figure": figure, "plot_code": plot_code, "settings": settings, "table": table}
    )


def identity_of(record: dict) -> str:
    """The identity that a figure with this record carries.

    `facts.runs` (how many of the planned runs are present) counts as a setting, since an unfinished
    figure says so on its face. If there are several tables, as in the report, all of them count.
    """
    tables = [each["table"] for each in record["inputs"]]
    runs = {"runs": record["facts"]["runs"]} if "runs" in record["facts"] else {}
    return identity(
        short_name(record["name"]),
        tables[0] if len(tables) == 1 else digest_of(tables),
        record["code"]["digest"],
        {**record["settings"], **runs},
    )


def short_name(name: str) -> str:
    """`<study>/<figure>` of `results/<study>/<folder>/<figure>`; without study `theory/<name>`."""
    parts = name.split("/")
    return f"{parts[1]}/{parts[-1]}"


def mark(identity: str) -> str:
    """The text to embed in metadata: `Identifier` in PNG and SVG, `Keywords` in PDF."""
    return f"largebatch:{identity}"


def find_mark(path: Path) -> str | None:
    """The identity that a PNG, SVG or PDF carries, or None.

    All three formats store short metadata as plain text, so searching the bytes finds it.
    """
    found = MARK.search(Path(path).read_bytes())
    return found[1].decode() if found else None
