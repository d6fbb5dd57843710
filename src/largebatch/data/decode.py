"""Decodes images (PNG, JPEG or whatever else Pillow reads) into one array of pixels."""

import io
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from largebatch.errors import UserError

if TYPE_CHECKING:
    from PIL.Image import Image

GREY = ("1", "L", "LA")  # Pillow's modes, without and with transparency
DEEP = ("I", "F")  # how modes of 16 bits and more begin; Pillow would clip them, not scale them


def decode(
    path: Path, encoded: Sequence[bytes], like: np.ndarray | None, progress: bool
) -> np.ndarray:
    """uint8 (N, C, H, W), with the channels and size of `like`, or else of the first image.

    path: where the images come from, for error messages. Transparency is dropped.
    """
    from tqdm import tqdm

    images: np.ndarray = np.empty(0, dtype=np.uint8)  # until the first one tells the size
    shape = None if like is None else like.shape[1:]
    for row, content in enumerate(tqdm(encoded, desc=path.name, unit="img", disable=not progress)):
        try:
            pixels = _pixels(content, shape)
        except UserError as error:
            raise UserError(f"{path}, row {row}: {error}") from error
        if row == 0:
            shape = pixels.shape
            images = np.empty((len(encoded), *shape), dtype=np.uint8)
        images[row] = pixels
    return images


def _pixels(content: bytes, shape: tuple[int, ...] | None) -> np.ndarray:
    """uint8 (C, H, W) of one image; its size is checked before memory is allocated for it."""
    from PIL import Image

    try:
        with Image.open(io.BytesIO(content)) as image:
            _check(image, shape)
            grey = image.mode in GREY if shape is None else shape[0] == 1
            pixels = np.asarray(image.convert("L" if grey else "RGB"))
    except UserError:
        raise
    except Exception as error:  # decoders raise anything on bytes that are not an image
        raise UserError("it is not a whole image; repair or remove it.") from error
    return pixels[None] if grey else pixels.transpose(2, 0, 1)


def _check(image: "Image", shape: tuple[int, ...] | None) -> None:
    if image.mode.startswith(DEEP):
        raise UserError("a grey image has more than 8 bits; scale all images to 8 bits.")
    if shape is not None and (image.height, image.width) != shape[1:]:
        raise UserError(
            f"the image is {image.height}x{image.width}, but the first is {shape[1]}x{shape[2]}; "
            "give all images the same size."
        )
