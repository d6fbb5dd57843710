"""Images of the user's own: Parquet files, a label and an encoded image (JPEG, PNG) a row."""

import io
from pathlib import Path

import numpy as np

from largebatch.data.images import Tensors
from largebatch.data.own import own_files
from largebatch.errors import UserError
from largebatch.records.digest import file_digest


def parquet_images(
    settings: dict, raw: Path | None = None, progress: bool = True
) -> tuple[Tensors, dict]:
    """Images of one size, grey where the first is grey, else RGB; labels 0, 1, ..., classes - 1."""
    columns = (settings.get("label_column", "label"), settings.get("image_column", "image"))
    tensors, paths = {}, own_files(settings)
    for split, path in paths.items():
        labels, encoded = _read_columns(path, *columns)
        first = tensors.get("train_images")
        tensors[f"{split}_images"] = _decode(path, encoded, first, progress)
        tensors[f"{split}_labels"] = labels
    files = {split: file_digest(path) for split, path in paths.items()}
    return tensors, {"classes": _classes(tensors, paths), "files": files}


def _read_columns(path: Path, label: str, image: str) -> tuple[np.ndarray, list[bytes]]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        names = pq.read_schema(path).names
        for column, key in ((label, "label_column"), (image, "image_column")):
            if column not in names:
                raise UserError(
                    f"{path} has no column {column} (it has {', '.join(names)}): set {key}."
                )
        table = pq.read_table(path, columns=[label, image])
    except FileNotFoundError as error:
        raise UserError(f"{path} is missing: correct its name in the study.") from error
    except (OSError, pa.ArrowInvalid) as error:
        raise UserError(f"{path} is truncated or not Parquet: put a whole copy there.") from error
    return _labels(path, table[label]), _encoded(path, table[image])


def _labels(path: Path, column) -> np.ndarray:
    import pyarrow as pa

    whole = pa.types.is_integer(column.type) and not column.null_count
    labels = column.to_numpy().astype(np.int64) if whole else np.array([-1])
    if not len(labels) or labels.min() < 0:
        raise UserError(f"{path} must label every row 0, 1, 2, ...: correct its label column.")
    return labels


def _encoded(path: Path, column) -> list[bytes]:
    """Bytes of every image; Hugging Face's image columns are structs that hold them."""
    import pyarrow as pa
    import pyarrow.compute as pc

    if pa.types.is_struct(column.type) and column.type.get_field_index("bytes") >= 0:
        column = pc.struct_field(column, "bytes")
    if not (pa.types.is_binary(column.type) or pa.types.is_large_binary(column.type)):
        raise UserError(f"{path} holds {column.type} instead of encoded images: set image_column.")
    return column.to_pylist()


def _decode(
    path: Path, encoded: list[bytes], like: np.ndarray | None, progress: bool
) -> np.ndarray:
    """uint8 (N, C, H, W), with the channels and size of `like`, or else of the first image."""
    from PIL import Image
    from tqdm import tqdm

    images = None
    for row, content in enumerate(tqdm(encoded, desc=path.name, unit="img", disable=not progress)):
        try:
            with Image.open(io.BytesIO(content)) as image:
                if images is None:
                    grey = image.mode == "L" if like is None else like.shape[1] == 1
                    size = (image.height, image.width) if like is None else like.shape[2:]
                    images = np.empty((len(encoded), 1 if grey else 3, *size), dtype=np.uint8)
                pixels = np.asarray(image.convert("L" if grey else "RGB"))
        except (OSError, TypeError) as error:  # Pillow's errors are OSErrors; None is no bytes
            raise UserError(f"{path}, row {row}: not a whole image; repair or drop it.") from error
        if pixels.shape[:2] != size:
            raise UserError(
                f"{path}, row {row}: the image is {pixels.shape[0]}x{pixels.shape[1]}, the first "
                f"is {size[0]}x{size[1]}; bring all to one size."
            )
        images[row] = pixels[None] if grey else pixels.transpose(2, 0, 1)
    return images


def _classes(tensors: Tensors, paths: dict[str, Path]) -> int:
    present = np.unique(tensors["train_labels"])
    classes = int(present[-1]) + 1
    if len(present) < classes:
        absent = sorted(set(range(classes)) - set(present.tolist()))[0]
        raise UserError(
            f"{paths['train']} has labels up to {classes - 1} but none {absent}: number the "
            "classes 0, 1, 2, ... without gaps."
        )
    if tensors["test_labels"].max() >= classes:
        raise UserError(
            f"{paths['test']} has a label {tensors['test_labels'].max()} that no train image has: "
            "correct its labels."
        )
    return classes
