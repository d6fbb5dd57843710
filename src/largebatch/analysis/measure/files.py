"""Where measurements lie; a Snakefile asks too, so it imports nothing but the study."""

from pathlib import Path

from largebatch.study import Study


def measured_files(study: Study, root: Path = Path(".")) -> list[str]:
    """The tables of measurements on trained networks that exist, below the checkout."""
    folder = f"results/{study.name}/measured"
    return [f"{folder}/{path.name}" for path in sorted((root / folder).glob("*.parquet"))]
