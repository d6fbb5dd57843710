"""One bit flipped anywhere in a file: it is seen, and the file is blamed.

Bits in several files are flipped at once, as long as the damage of one does not hide another. So
a sidecar, which names the pictures, and a table, which has the runs' digests, are damaged alone,
and one run is whole, which names the data.
"""

import random
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from beside import MADE, files
from files import DATA, FIGURE, TABLE

from largebatch.audit.chain.reading import load_chain
from largebatch.audit.checks.pictures import picture_findings
from largebatch.audit.evidence.reader import Reader
from largebatch.study import Study, load_study

FLIPS = 1000  # in the files of a figure
OF_EACH = 3  # file of the others


@pytest.fixture
def checkout(whole, tmp_path):
    return whole.copy(tmp_path / "checkout")


@contextmanager
def flipped(paths: list[Path], draw: random.Random) -> Iterator[str]:
    """Flip one bit in each file, and undo that; gives the places."""
    whole, places = [path.read_bytes() for path in paths], []
    for path, content in zip(paths, whole, strict=True):
        changed, place, bit = bytearray(content), draw.randrange(len(content)), draw.randrange(8)
        changed[place] ^= 1 << bit
        path.write_bytes(changed)
        places.append(f"{path}: bit {bit} of byte {place}")
    yield "\n".join(places)
    for path, content in zip(paths, whole, strict=True):
        path.write_bytes(content)


def blamed(study: Study, root: Path, name: str) -> set[str]:
    """By the audit's links that look at bytes alone; the others could only find more."""
    chain = load_chain(name, Reader(study, root))
    return {f.culprit for f in (*chain.findings, *picture_findings(chain)) if f.is_bad}


def test_no_flip_in_a_figure_goes_unseen(checkout):
    study, draw, count = load_study("tiny", checkout.root), random.Random(0), 0
    runs = [run.path for run in study.runs_of("fig1")]
    pictures = [f"{FIGURE}.{ending}" for ending in ("pdf", "svg", "png")]
    while count < FLIPS:
        draw.shuffle(runs)
        for names in ([*pictures, *runs[1:], DATA], [TABLE], [f"{FIGURE}.json"]):
            with flipped([checkout.root / name for name in names], draw) as places:
                found = blamed(study, checkout.root, "fig1")
            assert found == {name.removesuffix(".json") for name in names}, places
            count += len(names)
    assert not blamed(study, checkout.root, "fig1")


def test_no_flip_beside_the_figures_goes_unseen(checkout):
    study, draw = load_study("tiny", checkout.root), random.Random(0)
    for name in MADE:
        sidecar, others = (
            [path for path in files(checkout.root, name) if (path.suffix == ".json") == is_sidecar]
            for is_sidecar in (True, False)
        )
        for paths in OF_EACH * (sidecar, others):
            with flipped(paths, draw) as places:
                found = blamed(study, checkout.root, name)
            names = {path.relative_to(checkout.root).as_posix() for path in paths}
            assert found == {each.removesuffix(".json") for each in names}, places
        assert not blamed(study, checkout.root, name)
