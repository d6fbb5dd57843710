"""1,000 flips of one bit anywhere in a figure's files: each is seen."""

import random
from pathlib import Path

from largebatch.audit.chain.reading import load_chain
from largebatch.audit.checks.pictures import picture_findings
from largebatch.audit.evidence.reader import Reader
from largebatch.study import Study, load_study

FLIPS = 1000


def is_intact(study: Study, root: Path) -> bool:
    """The audit's links that look at bytes alone; the others could only find more."""
    chain = load_chain("fig1", Reader(study, root))
    return not chain.findings and picture_findings(chain)[0].verdict == "intact"


def test_no_flip_goes_unseen(checkout):
    study = load_study("tiny", checkout.root)
    names = [run.path for run in study.runs_of("fig1")]
    names += ["results/data/digits.safetensors", "results/tiny/tables/fig1.parquet"]
    names += [f"results/tiny/figures/fig1.{ending}" for ending in ("pdf", "svg", "png", "json")]
    draw = random.Random(0)
    for name in draw.choices(names, k=FLIPS):
        path = checkout.root / name
        whole = path.read_bytes()
        flipped = bytearray(whole)
        place, bit = draw.randrange(len(whole)), draw.randrange(8)
        flipped[place] ^= 1 << bit
        path.write_bytes(flipped)
        assert not is_intact(study, checkout.root), f"{name}: bit {bit} of byte {place}"
        path.write_bytes(whole)
    assert is_intact(study, checkout.root)
