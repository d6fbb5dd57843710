"""The user's own images: Parquet files with a label and an encoded image (JPEG, PNG) per row."""

from functools import partial
from pathlib import Path

import numpy as np

from largebatch.data.decode import decode
from largebatch.data.images import Tensors
from largebatch.data.own import own_files, read_own
from largebatch.errors import UserError
from largebatch.records.digest import file_digest


def parquet_images(
    settings: dict, raw: Path | None = None, progress: bool = True
) -> tuple[Tensors, dict]:
    """Images of one size, grey if the first is grey, else RGB; labels 0, 1, ..., classes - 1."""
    names = {key: settings.get(f"{key}_column", key) for key in ("label", "image")}
    paths, rows = own_files(settings), read_own(settings, partial(_read_columns, **names))
    tensors: Tensors = {}
    for split, path in paths.items():
        labels, encoded = rows.pop(split)
        first = tensors.get("train_images")
        tensors[f"{split}_images"] = decode(path, encoded, first, progress)
        tensors[f"{split}_labels"] = labels
    files = {split: file_digest(path) for split, path in paths.items()}
    return tensors, {"classes": _classes(tensors, paths), "files": files}


def _read_columns(path: Path, label: str, image: str) -> tuple[np.ndarray, list[bytes]]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        names = pq.read_schema(path).names
        for column, key in ((label, "label_column"), (image, "image_column")):
            if names.count(column) != 1:
                raise UserError(
                    f"{path} must have one column '{column}' (it has {', '.join(names)}): "
                    f"set {key}."
                )
        table = pq.read_table(path, columns=list({label, image}))
    except (MemoryError, PermissionError):  # Arrow's, too, would count as a damaged file below
        raise
    except (OSError, ValueError, pa.ArrowException) as error:
        raise UserError(
            f"{path} is truncated or not Parquet: put a whole copy there, or write the images to "
            "such a file as docs/data.md shows."
        ) from error
    return _labels(path, table[label]), _encoded(path, table[image])


def _labels(path: Path, column) -> np.ndarray:
    import pyarrow as pa

    whole = pa.types.is_integer(column.type) and not column.null_count
    labels = column.to_numpy().astype(np.int64) if whole else np.array([-1])
    if not len(labels) or labels.min() < 0:
        raise UserError(
            f"{path} must have a label 0, 1, 2, ... in every row: correct its label column."
        )
    return labels


def _encoded(path: Path, column) -> list[bytes]:
    """The bytes of every image; Hugging Face's image columns are structs that hold them."""
    import pyarrow as pa
    import pyarrow.compute as pc

    if pa.types.is_struct(column.type) and column.type.get_field_index("bytes") >= 0:
        column = pc.struct_field(column, "bytes")
    if not (pa.types.is_binary(column.type) or pa.types.is_large_binary(column.type)):
        raise UserError(f"{path} has {column.type} instead of encoded images: set image_column.")
    return column.to_pylist()


def _classes(tensors: Tensors, paths: dict[str, Path]) -> int:
    present = np.unique(tensors["train_labels"])
    classes = len(present)
    if present[-1] >= classes:
        absent = np.flatnonzero(present != np.arange(classes))[0]
        raise UserError(
            f"{paths['train']} has labels up to {present[-1]} but not {absent}: number the "
            "classes 0, 1, 2, ... without gaps."
        )
    if tensors["test_labels"].max() >= classes:
        raise UserError(
            f"{paths['test']} has a label {tensors['test_labels'].max()} that no train image has: "
            "correct its labels."
        )
    return classes
