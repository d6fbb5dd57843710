"""Images of the user's own, encoded in Parquet."""

import io
import zlib

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from PIL import Image

from largebatch.data.parquet import parquet_images
from largebatch.errors import UserError

RNG = np.random.default_rng(0)
COLOUR = RNG.integers(256, size=(6, 5, 7, 3), dtype=np.uint8)  # (N, H, W, C)
GREY = COLOUR[..., 0]
LABELS = [0, 1, 2, 0, 1, 2]


def png(pixels: np.ndarray) -> bytes:
    return saved(Image.fromarray(pixels))


def saved(image: Image.Image) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, "TIFF" if image.mode == "F" else "PNG")
    return buffer.getvalue()


def write(path, pixels=COLOUR, labels=LABELS, image_column="image", label_column="label"):
    images = [png(image) if isinstance(image, np.ndarray) else image for image in pixels]
    pq.write_table(pa.table({label_column: labels, image_column: images}), path)


def claimed(size: int) -> bytes:
    """A small PNG whose header claims `size` x `size` pixels."""
    header = b"IHDR" + np.array([size, size], dtype=">u4").tobytes() + bytes([8, 2, 0, 0, 0])
    checked = header + np.array([zlib.crc32(header)], dtype=">u4").tobytes()
    content = png(COLOUR[0])
    return content[:12] + checked + content[12 + len(checked) :]


@pytest.fixture
def folder(tmp_path):
    write(tmp_path / "train.parquet")
    write(tmp_path / "test.parquet", COLOUR[:3], LABELS[:3])
    return tmp_path


def load(folder, train="train.parquet", test="test.parquet", **columns):
    files = {"train": str(folder / train), "test": str(folder / test)}
    return parquet_images({"source": "parquet-images", **files, **columns}, progress=False)


def test_pixels_and_labels(folder):
    tensors, facts = load(folder)
    assert np.array_equal(tensors["train_images"], COLOUR.transpose(0, 3, 1, 2))
    assert np.array_equal(tensors["test_images"], COLOUR[:3].transpose(0, 3, 1, 2))
    assert tensors["train_labels"].tolist() == LABELS
    assert tensors["train_labels"].dtype == np.int64
    assert facts["classes"] == 3 and set(facts["files"]) == {"train", "test"}


def test_column_and_file_names_can_be_set(folder):
    for name in ("a.parquet", "b.parquet"):
        write(folder / name, image_column="jpeg", label_column="y")
    tensors, _ = load(
        folder, train="a.parquet", test="b.parquet", image_column="jpeg", label_column="y"
    )
    assert len(tensors["test_images"]) == 6


def test_image_structs_of_hugging_face(folder):
    structs = [{"bytes": png(image), "path": None} for image in COLOUR]
    write(folder / "train.parquet", structs)
    tensors, _ = load(folder)
    assert np.array_equal(tensors["train_images"], COLOUR.transpose(0, 3, 1, 2))


def test_grey_train_images_make_grey_data(folder):
    write(folder / "train.parquet", GREY)
    tensors, _ = load(folder)
    assert np.array_equal(tensors["train_images"], GREY[:, None])
    assert tensors["test_images"].shape == (3, 1, 5, 7)


@pytest.mark.parametrize(("mode", "channels"), [("1", 1), ("LA", 1), ("RGBA", 3), ("P", 3)])
def test_other_kinds_of_images(folder, mode, channels):
    images = [Image.fromarray(image).convert(mode) for image in COLOUR]
    write(folder / "train.parquet", map(saved, images))
    tensors, _ = load(folder)
    wanted = np.stack(
        [np.asarray(image.convert("L" if channels == 1 else "RGB")) for image in images]
    )
    wanted = wanted[:, None] if channels == 1 else wanted.transpose(0, 3, 1, 2)
    assert np.array_equal(tensors["train_images"], wanted)


@pytest.mark.parametrize(
    ("pixels", "labels", "sentence"),
    [
        ([*COLOUR[:5], COLOUR[5].transpose(1, 0, 2)], LABELS, "row 5: the image is 7x5"),
        ([*COLOUR[:5], png(COLOUR[5])[:60]], LABELS, "row 5: it is not a whole image"),
        ([*COLOUR[:5], claimed(100_000)], LABELS, "row 5: it is not a whole image"),
        ([claimed(100_000), *COLOUR[:5]], LABELS, "row 0: it is not a whole image"),
        (
            [*COLOUR[:5], png(COLOUR[5]).replace(b"IDAT", b"\x16AT")],
            LABELS,
            "row 5: it is not a whole",
        ),
        (list(GREY.astype(np.uint16)), LABELS, "row 0: a grey image has more than 8 bits"),
        (list(GREY.astype(np.float32)), LABELS, "row 0: a grey image has more than 8 bits"),
        ([*COLOUR[:5], None], LABELS, "row 5: it is not a whole image"),
        (COLOUR, [0, 1, 3, 0, 1, 3], "labels up to 3 but not 2"),
        (COLOUR, [0, 1, 10**12, 0, 1, 2], "labels up to 1000000000000 but not 3"),
        (COLOUR, [0, 1, -1, 0, 1, 2], "must have a label 0, 1, 2, ..."),
        (COLOUR, [0, 1, None, 0, 1, 2], "must have a label 0, 1, 2, ..."),
        (COLOUR, list("abcabc"), "must have a label 0, 1, 2, ..."),
        (COLOUR, [0, 1, 1, 0, 1, 1], "test.parquet has a label 2 that no train image has"),
        ([1.5] * 6, LABELS, "instead of encoded images: set image_column"),
    ],
)
def test_unusable_rows_are_named(folder, pixels, labels, sentence):
    write(folder / "train.parquet", pixels, labels)
    with pytest.raises(UserError, match=sentence):
        load(folder)


@pytest.mark.parametrize(
    ("error", "raised", "words"),
    [
        (PermissionError(13, "denied"), UserError, "may not be read: change its permissions"),
        (pa.ArrowMemoryError("no room"), MemoryError, "no room"),
    ],
)
def test_a_whole_file_is_not_called_damaged(folder, monkeypatch, error, raised, words):
    def fail(*_, **__):
        raise error

    monkeypatch.setattr(pq, "read_table", fail)
    with pytest.raises(raised, match=words):
        load(folder)


def test_unusable_files_are_named(folder):
    with pytest.raises(UserError, match=r"^test: there is no file .*no\.parquet; put it there, or"):
        load(folder, test="no.parquet")
    with pytest.raises(UserError, match=r"must have one column 'jpeg' \(it has label, im"):
        load(folder, image_column="jpeg")
    with pytest.raises(UserError, match="instead of encoded images: set image_column"):
        load(folder, image_column="label")
    with pytest.raises(UserError, match=r"^test: .* is a folder; name a file in it\.$"):
        load(folder, test=".")
    twice = pa.Table.from_arrays([pa.array([b""])] * 3, ["label", "image", "image"])
    pq.write_table(twice, folder / "twice.parquet")
    with pytest.raises(UserError, match="must have one column 'image'"):
        load(folder, test="twice.parquet")
    path = folder / "train.parquet"
    path.write_bytes(path.read_bytes()[:-9])
    with pytest.raises(
        UserError, match=r"^train: .*train\.parquet is truncated or not Parquet: put"
    ):
        load(folder)
