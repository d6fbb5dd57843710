"""Crops and flips equal those done image by image, are uniform, and refused if impossible."""

import numpy as np
import pytest
import torch
from scipy.stats import chisquare

from largebatch.errors import UserError
from largebatch.training.feeds.augment import crop, draw_crops, pad_images

NUMPY_MODE = {"reflect": "reflect", "zero": "constant"}


def one_by_one(images, size, pad, padding, example, crops):
    """The plain way: numpy pads, slices and flips one image after the other."""
    height, width = size
    found = []
    for n, top, left, flipped in zip(example.tolist(), *crops.tolist(), strict=True):
        room = ((0, 0), (pad, pad), (pad, pad))
        padded = np.pad(images[n].numpy(), room, mode=NUMPY_MODE[padding])
        part = padded[:, top : top + height, left : left + width]
        found.append(torch.from_numpy(part[:, :, ::-1].copy() if flipped else part.copy()))
    return torch.stack(found)


@pytest.mark.parametrize("padding", ["reflect", "zero"])
@pytest.mark.parametrize("flip", [True, False])
@pytest.mark.parametrize(("shape", "pad"), [((3, 32, 32), 4), ((1, 8, 16), 2), ((2, 5, 3), 1)])
def test_crops_are_those_made_one_by_one(shape, pad, padding, flip):
    generator = torch.Generator().manual_seed(pad)
    images = torch.randint(0, 256, (7, *shape), generator=generator, dtype=torch.uint8)
    example = torch.randint(0, 7, (60,), generator=generator)
    crops = draw_crops(generator, 60, pad, flip)
    expected = one_by_one(images, shape[1:], pad, padding, example, crops)
    padded = pad_images(images, pad, padding)
    assert torch.equal(crop(padded, shape[1:], example, crops), expected)
    in_lanes = crop(padded, shape[1:], example.view(3, 20), crops.view(3, 3, 20))
    assert torch.equal(in_lanes.flatten(0, 1), expected)


def test_the_centre_crop_unmirrored_is_the_image():
    images = torch.arange(2 * 3 * 6 * 4, dtype=torch.uint8).view(2, 3, 6, 4)
    centre = torch.tensor([[2, 2], [2, 2], [0, 0]])
    for padding in ("reflect", "zero"):
        cut = crop(pad_images(images, 2, padding), (6, 4), torch.arange(2), centre)
        assert torch.equal(cut, images)


def test_every_crop_and_flip_is_equally_likely():
    top, left, flipped = draw_crops(torch.Generator().manual_seed(0), 32_400, 4, True)
    cells = (top * 9 + left) * 2 + flipped
    counts = torch.bincount(cells, minlength=162)
    assert len(counts) == 162  # 9 x 9 corners, mirrored or not
    assert chisquare(counts.numpy()).pvalue > 1e-3


def test_no_flips_unless_asked_for():
    crops = draw_crops(torch.Generator().manual_seed(0), 1000, 0, False)
    assert (crops == 0).all()


def test_reflection_cannot_exceed_the_image():
    images = torch.zeros(1, 1, 8, 4, dtype=torch.uint8)
    assert pad_images(images, 3, "reflect").shape == (1, 1, 14, 10)
    assert pad_images(images, 4, "zero").shape == (1, 1, 16, 12)
    with pytest.raises(UserError, match=r"augmentation\.pad: 4 pixels .* 8x4"):
        pad_images(images, 4, "reflect")
