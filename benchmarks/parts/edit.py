"""Edit the source of a copied project."""

from pathlib import Path


def replace(path: Path, old: str, new: str) -> None:
    """Replace the first `old` in a text file. Raises ValueError if the file does not contain it."""
    text = path.read_text()
    if old not in text:
        raise ValueError(f"{path} does not contain {old!r}; name what is to be replaced there now.")
    path.write_text(text.replace(old, new, 1))
