"""A figure as bytes: PDF, SVG and PNG that are the same whenever and wherever they are drawn."""

from io import BytesIO

from matplotlib.figure import Figure

NOTHING = None  # matplotlib leaves a field out whose value is None: no dates, no versions


def picture_bytes(figure: Figure, mark: str) -> dict[str, bytes]:
    """{ending: content}; `mark` names the figure inside each (see `records.mark`)."""
    fields = {
        "pdf": {"Keywords": mark, "CreationDate": NOTHING, "Creator": NOTHING, "Producer": NOTHING},
        "svg": {"Identifier": mark, "Date": NOTHING, "Creator": NOTHING},
        "png": {"Identifier": mark, "Software": NOTHING},
    }
    return {ending: _bytes(figure, ending, metadata) for ending, metadata in fields.items()}


def _bytes(figure: Figure, ending: str, metadata: dict) -> bytes:
    content = BytesIO()
    figure.savefig(content, format=ending, metadata=metadata)
    return content.getvalue()
