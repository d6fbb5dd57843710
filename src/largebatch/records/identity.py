"""The name under which a drawn figure can be found again, whatever its file is called."""

from largebatch.records.digest import digest_of


def identity(figure: str, table: str, plot_code: str, settings: dict) -> str:
    """What a picture is made of: its figure, table digest, plot code digest and settings.

    Nothing that differs between honest repetitions (time, machine, commit) goes in, so a figure
    drawn again from the same numbers has the same identity and the same bytes. The style sheet is
    part of the plot code (see `code.py`).
    """
    return digest_of(
        {"figure": figure, "plot_code": plot_code, "settings": settings, "table": table}
    )
