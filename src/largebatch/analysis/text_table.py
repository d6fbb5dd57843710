"""A table to print."""

from collections.abc import Sequence


def text_table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """Lines with left-aligned columns, two spaces apart."""
    widths = [max(map(len, column)) for column in zip(header, *rows, strict=True)]
    lines = (
        [cell.ljust(width) for cell, width in zip(row, widths, strict=True)]
        for row in (header, *rows)
    )
    return ["  ".join(line).rstrip() for line in lines]
