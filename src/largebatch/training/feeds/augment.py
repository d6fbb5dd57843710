"""Random crops and flips of images, on whole batches by index arithmetic.

As in the Wide ResNet code: pad every side, crop to the original size at a random place, mirror half
of the images left to right. The added pixels mirror the image (`reflect`, without repeating its
edge) or are 0, which is black (`zero`, before normalisation, as torchvision pads).
"""

import torch
import torch.nn.functional as F
from torch import Tensor

from largebatch.errors import UserError


def pad_images(images: Tensor, pad: int, padding: str) -> Tensor:
    """The images padded, (n, channels, height + 2 pad, width + 2 pad); padding: reflect | zero."""
    if pad == 0:
        return images
    if padding == "reflect" and pad >= min(images.shape[2:]):
        height, width = images.shape[2:]
        raise UserError(
            f"augmentation.pad: {pad} pixels cannot be reflected from images of {height}x{width}; "
            "take fewer, or `padding: zero`."
        )
    mode = {"reflect": "reflect", "zero": "constant"}[padding]
    return F.pad(images, (pad, pad, pad, pad), mode=mode)


def draw_crops(generator: torch.Generator, count: int, pad: int, flip: bool) -> Tensor:
    """(3, count) int64: each crop's top and left, uniform in 0 ... 2 pad, and 1 to mirror it."""
    corners = torch.randint(0, 2 * pad + 1, (2, count), generator=generator)
    flipped = torch.randint(0, 2 if flip else 1, (1, count), generator=generator)
    return torch.cat([corners, flipped])


def crop(padded: Tensor, size: tuple[int, int], example: Tensor, crops: Tensor) -> Tensor:
    """Cut one (channels, *size) image out of each `example` of `padded`, mirrored where asked.

    example: (...) indices into `padded`; crops: (3, ...) as `draw_crops` makes them.
    Returns (..., channels, *size).
    """
    height, width = size
    _, channels, padded_height, padded_width = padded.shape
    top, left, flipped = crops.unsqueeze(-1)
    steps = torch.arange(max(channels, height, width), device=padded.device)
    plane = example.unsqueeze(-1) * channels + steps[:channels]  # (..., channels)
    row = top + steps[:height]  # (..., height)
    column = left + torch.where(flipped > 0, width - 1 - steps[:width], steps[:width])
    row = plane.unsqueeze(-1) * padded_height + row.unsqueeze(-2)  # (..., channels, height)
    pixel = row.unsqueeze(-1) * padded_width + column[..., None, None, :]
    return padded.view(-1).index_select(0, pixel.flatten()).view(pixel.shape)
