"""The sidecar of a figure's pictures, and the identity inside them."""

import matplotlib.figure
import pytest

from largebatch.errors import UserError
from largebatch.records import Sidecar, find_mark, mark, read_sidecar, write_sidecar
from largebatch.records.digest import sha256

IDENTITY = sha256(b"a figure")


@pytest.fixture
def sidecar(tmp_path):
    (tmp_path / "fig1.png").write_bytes(b"a picture")
    path = tmp_path / "fig1.json"
    write_sidecar(path, {"name": "results/s/figures/fig1"}, IDENTITY, [tmp_path / "fig1.png"])
    return path


def test_what_was_written_is_read(sidecar):
    read = read_sidecar(sidecar, "results/s/figures/fig1")
    assert read.identity == IDENTITY and read.outputs == {"fig1.png": sha256(b"a picture")}


def test_a_picture_is_read_if_it_is_the_one_that_was_written(sidecar, tmp_path):
    read, picture = read_sidecar(sidecar), tmp_path / "fig1.png"
    assert read.read(picture) == b"a picture"
    picture.write_bytes(b"a Picture")
    with pytest.raises(UserError, match="bytes are not the ones that were written"):
        read.read(picture)
    picture.unlink()
    with pytest.raises(UserError, match="does not exist"):
        read.read(picture)


def test_every_flipped_byte_is_refused(sidecar):
    content = sidecar.read_bytes()
    for position in range(len(content)):
        flipped = bytearray(content)
        flipped[position] ^= 1
        sidecar.write_bytes(flipped)
        with pytest.raises(UserError, match=r"fig1\.json"):
            read_sidecar(sidecar)


@pytest.mark.parametrize("odd", [([], IDENTITY, {}), ({}, 7, {}), ({}, IDENTITY, [])])
def test_one_of_another_form_is_refused(sidecar, odd):
    """Whoever forges it can also compute its digest."""
    sidecar.write_text(Sidecar(*odd).text)
    with pytest.raises(UserError, match="it was changed after it was written"):
        read_sidecar(sidecar)


def test_a_missing_or_foreign_one_is_refused(sidecar, tmp_path):
    with pytest.raises(UserError, match=r"does not exist; make it with `snakemake .*/fig2\.json`"):
        read_sidecar(tmp_path / "fig2.json")
    with pytest.raises(UserError, match="put in the place of results/t/figures/fig1; delete it"):
        read_sidecar(sidecar, "results/t/figures/fig1")


@pytest.mark.parametrize(
    ("suffix", "key"), [("png", "Identifier"), ("svg", "Identifier"), ("pdf", "Keywords")]
)
def test_the_identity_is_found_in_what_matplotlib_writes(tmp_path, suffix, key):
    figure = matplotlib.figure.Figure()
    figure.savefig(tmp_path / f"x.{suffix}", metadata={key: mark(IDENTITY)})
    assert find_mark(tmp_path / f"x.{suffix}") == IDENTITY
    figure.savefig(tmp_path / f"y.{suffix}")
    assert find_mark(tmp_path / f"y.{suffix}") is None
