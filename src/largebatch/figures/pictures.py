"""From a table to its pictures: PDF, SVG and PNG, the same bytes whenever they are drawn."""

import time
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pyarrow as pa
from matplotlib.figure import Figure

from largebatch.figures.style import private_style
from largebatch.records import (
    Artefact,
    code_digest,
    identity,
    make_record,
    mark,
    short_name,
    write_bytes,
    write_sidecar,
)

NOTHING = None  # matplotlib omits a field whose value is None: no dates, no versions
Picture = Callable[[pa.Table], Figure]


def write_pictures(
    name: str, source: Artefact, picture: Picture, step: str, settings: dict, root: Path, **facts
) -> dict[str, Path]:
    """Draw a table as <name>.pdf, .svg and .png below `root`, and the sidecar <name>.json.

    Returns the path of each by ending. step: as in `code_digest`. settings: all else that the
    pictures depend on except `facts`, which the record keeps apart. Equal tables, settings, facts
    and code give equal bytes.
    """
    started = time.time()
    own_identity = picture_identity(name, source, step, settings, **facts)
    with private_style():
        contents = _contents(picture(source.table), mark(own_identity))
    paths = {ending: root / f"{name}.{ending}" for ending in contents}
    for ending, content in contents.items():
        write_bytes(paths[ending], content)
    record = make_record(
        "figure",
        name,
        inputs=[source.as_input],
        step=step,
        settings=settings,
        started=started,
        root=root,
        **facts,
    )
    sidecar = root / f"{name}.json"
    write_sidecar(sidecar, record, own_identity, paths.values())
    return {**paths, "json": sidecar}


def picture_identity(name: str, source: Artefact, step: str, settings: dict, **facts) -> str:
    """The identity that the pictures of a table carry: of table, plot code, style and settings."""
    plot_code = code_digest(step)["digest"]
    return identity(short_name(name), source.table_digest, plot_code, {**settings, **facts})


def _contents(figure: Figure, mark: str) -> dict[str, bytes]:
    """{ending: bytes}; `mark` names the figure inside each (see `records.mark`)."""
    fields = {
        "pdf": {"Keywords": mark, "CreationDate": NOTHING, "Creator": NOTHING, "Producer": NOTHING},
        "svg": {"Identifier": mark, "Date": NOTHING, "Creator": NOTHING},
        "png": {"Identifier": mark, "Software": NOTHING},
    }
    return {ending: _saved(figure, ending, metadata) for ending, metadata in fields.items()}


def _saved(figure: Figure, ending: str, metadata: dict) -> bytes:
    content = BytesIO()
    figure.savefig(content, format=ending, metadata=metadata)
    return content.getvalue()
