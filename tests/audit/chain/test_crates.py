"""`snakemake crate` and `largebatch crate`, on what the workflow made."""

import json
import subprocess
from pathlib import Path

import pytest
from beside import MADE, files
from damage import change_numbers, one_float
from files import RUN
from official_validator import problems

from largebatch.audit import verify_crate


@pytest.fixture
def checkout(whole, tmp_path):
    return whole.copy(tmp_path / "checkout")


def assert_whole(crate: Path, scratch: Path) -> None:
    assert problems(crate, scratch) == [] == verify_crate(crate)
    subprocess.run(["sha256sum", "-c", "--quiet", "manifest-sha256.txt"], cwd=crate, check=True)


def test_of_figures_and_claims(checkout, largebatch, tmp_path):
    checkout.snakemake("crate")
    crates = checkout.root / "results/tiny/crates"
    assert sorted(path.name for path in crates.iterdir()) == ["claims", "fig1", "fig3"]
    for name in ("claims", "fig1"):
        assert_whole(crates / name, tmp_path)
        assert (crates / name / RUN).read_bytes() == (checkout.root / RUN).read_bytes()
    crate = crates / "fig1"
    actions = {e["@id"]: e for e in graph(crate) if e["@type"] == "CreateAction"}
    diverged = [name for name, each in actions.items() if "additionalProperty" in each]
    assert len(actions) == 8 + 4 and len(diverged) == 2
    assert {each["actionStatus"] for each in actions.values()} == {
        "http://schema.org/CompletedActionStatus"
    }
    assert largebatch("crate", "--verify", crate).code == 0

    change_numbers(crate / RUN, one_float)
    said = largebatch("crate", "--verify", crate)
    sentence = f"largebatch: {crate}/{RUN} is not the file that was exported.\n"
    assert (said.code, said.out, said.err) == (2, "", sentence)


def test_a_refused_export_leaves_the_crates_as_they_are(checkout):
    """The other crates are renewed."""
    checkout.snakemake("crate")
    crates = checkout.root / "results/tiny/crates"
    before = {name: (crates / name).stat().st_ino for name in ("claims", "fig1", "fig3")}
    (checkout.root / "results/figures.lock").write_text(f"{'0' * 64}  tiny/fig1\n")
    said = checkout.snakemake("crate", code=1)
    assert "fig1 is stale, so a crate of it would not be true" in said
    assert "its last line: " not in said  # which would be told twice
    assert verify_crate(crates / "fig1") == [] == verify_crate(crates / "fig3")
    after = {path.name: path.stat().st_ino for path in crates.iterdir()}
    assert sorted(name for name in after if after[name] != before[name]) == ["claims", "fig3"]


@pytest.mark.parametrize(
    ("lost", "also"),
    [
        (RUN, {f"{MADE['claims']}.parquet"}),
        ("results/tiny/tables/fig1.parquet", set()),
        ("results/tiny/figures/fig1.png", set()),
    ],
)
def test_what_it_lacks_is_made_first(checkout, lost, also):
    (checkout.root / lost).unlink()
    assert checkout.planned("crate") >= {lost} | also


def graph(crate: Path) -> list[dict]:
    return json.loads((crate / "ro-crate-metadata.json").read_text())["@graph"]


def test_of_theory(checkout, largebatch, tmp_path):
    assert largebatch("crate", "T1").code == 0
    crate = checkout.root / "results/tiny/crates/T1"
    assert_whole(crate, tmp_path)
    assert all((crate / f.relative_to(checkout.root)).is_file() for f in files(checkout.root, "T1"))


def test_not_of_what_is_not_true(checkout, largebatch):
    change_numbers(checkout.root / RUN, one_float)
    said = largebatch("crate", "fig1")
    assert said.code == 2 and "is tampered, so a crate of it would not be true" in said.err
    assert not (checkout.root / "results/tiny/crates").exists()
