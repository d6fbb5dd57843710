"""The workflow's data step: makes a dataset's safetensors file from its settings."""

from collections.abc import Callable
from pathlib import Path

from largebatch.data.digits import digit_pairs, digits
from largebatch.data.images import image_facts, limit
from largebatch.data.markov import markov
from largebatch.data.parquet import parquet_images
from largebatch.data.ptb import ptb
from largebatch.data.store import write_dataset
from largebatch.data.text import text, text_facts
from largebatch.data.vision import cifar10, cifar100, mnist
from largebatch.errors import UserError

# source -> (settings, raw folder, progress) -> tensors, facts
SOURCES = {
    "cifar10": cifar10,
    "cifar100": cifar100,
    "mnist": mnist,
    "ptb": ptb,
    "digits": digits,
    "digit-pairs": digit_pairs,
    "markov": markov,
    "parquet-images": parquet_images,
    "text": text,
}


def prepare(
    name: str,
    settings: dict,
    raw: Path,
    out: Path,
    progress: bool = True,
    record: Callable[[], dict] | None = None,
) -> None:
    """Write the dataset `name` of a study to the file `out`, whole or not at all.

    `raw` holds downloaded files; missing ones are downloaded into it. What `record` returns (what
    made the file) is stored in the file; it is called once the tensors are ready, so that its
    finishing time is right. Raises UserError, one sentence, if data are missing, damaged or cannot
    be downloaded or written.
    """
    source = settings.get("source")
    if source not in SOURCES:
        raise UserError(
            f"datasets.{name}: there is no source {source}: use {', '.join(sorted(SOURCES))}."
        )
    try:
        tensors, facts = SOURCES[source](settings, Path(raw), progress)
        _check_held_out(settings, facts.get("files", {}))
        if "train_images" in tensors:
            tensors = limit(tensors, settings)
            facts |= image_facts(tensors)
        else:
            facts |= text_facts(tensors)
    except UserError as error:
        raise UserError(f"datasets.{name}: {error}") from error
    except OSError as error:  # e.g. a full disk under the temporary folder
        raise UserError(f"datasets.{name}: {error}; nothing was written.") from error
    except MemoryError as error:
        raise UserError(
            f"datasets.{name}: it needs more memory than there is, or a file states a wrong size; "
            "use fewer or smaller examples, or replace a damaged file by a whole one."
        ) from error
    facts |= {"name": name, "source": source, "settings": settings}
    write_dataset(out, tensors, facts, record() if record else None)


def _check_held_out(settings: dict, files: dict[str, str]) -> None:
    """Refuse train and test files of the same content (by digest), even if their names differ."""
    if files and files["train"] == files["test"]:
        raise UserError(
            f"{settings['train']} and {settings['test']} (train and test) have the same content; "
            "keep some examples back, and name a file with those as test."
        )
