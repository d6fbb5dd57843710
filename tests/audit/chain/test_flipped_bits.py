"""1,000 flips of one bit anywhere in a figure's files: seen, or nothing that is read changed."""

import random
from pathlib import Path

from safetensors.numpy import load_file

from largebatch.audit.chain import load_chain
from largebatch.audit.evidence import Reader
from largebatch.audit.pictures import picture_findings
from largebatch.data.load import dataset_digest, read_dataset_record
from largebatch.records import read_artefact
from largebatch.study import Study, load_study

FLIPS = 1000


def is_intact(study: Study, root: Path) -> bool:
    """The audit's links that look at bytes alone; the others could only find more."""
    chain = load_chain("fig1", Reader(study, root))
    return not chain.findings and picture_findings(chain)[0].verdict == "intact"


def content(path: Path) -> object:
    """Numbers, records and pictures: all that anyone reads from a file."""
    if path.suffix == ".parquet":
        artefact = read_artefact(path)
        return artefact.table.to_pydict(), artefact.record
    if path.suffix == ".safetensors":
        return dataset_digest(load_file(path)), read_dataset_record(path)
    return path.read_bytes()


def test_no_flip_that_matters_goes_unseen(checkout):
    """Harmless ones exist: Parquet keeps statistics beside the numbers that no reader here uses."""
    study = load_study("tiny", checkout.root)
    names = [run.path for run in study.runs_of("fig1")]
    names += ["results/data/digits.safetensors", "results/tiny/tables/fig1.parquet"]
    names += [f"results/tiny/figures/fig1.{ending}" for ending in ("pdf", "svg", "png", "json")]
    draw, unseen = random.Random(0), []
    for name in draw.choices(names, k=FLIPS):
        path = checkout.root / name
        whole = path.read_bytes()
        flipped = bytearray(whole)
        flipped[draw.randrange(len(whole))] ^= 1 << draw.randrange(8)
        path.write_bytes(flipped)
        if is_intact(study, checkout.root):
            unseen.append((name, content(path)))
        path.write_bytes(whole)
    assert is_intact(study, checkout.root)
    assert all(after == content(checkout.root / name) for name, after in unseen)
    assert all(name.endswith(".parquet") for name, _ in unseen) and len(unseen) < FLIPS / 5
