"""`snakemake audit` and `snakemake crate`, on what the workflow made."""

import json
import subprocess

from damage import change_numbers, one_float
from files import FIGURE, RUN
from official_validator import problems

from largebatch.audit import verify_crate


def test_the_audit_judges_and_makes_nothing(checkout):
    """A stale or tampered figure is not made again behind the auditor's back."""
    checkout.snakemake("audit")
    report = checkout.root / "results/tiny/audit.txt"
    assert report.read_text().count("VERIFIED") == 2
    change_numbers(checkout.root / RUN, one_float)
    (checkout.root / f"{FIGURE}.png").unlink()
    before = checkout.files()
    said = checkout.snakemake("audit", code=1)
    assert "fig1   Two optimizers" in said and "TAMPERED, MISSING" in said
    assert report.read_text().count("TAMPERED") == 2
    after = checkout.files()
    assert [name for name in after if after[name] != before.get(name)] == ["results/tiny/audit.txt"]


def test_the_crate(checkout, largebatch, tmp_path):
    checkout.snakemake("crate")
    crates = checkout.root / "results/tiny/crates"
    assert sorted(path.name for path in crates.iterdir()) == ["claims", "fig1", "fig3"]
    crate = crates / "fig1"
    assert problems(crate, tmp_path) == [] == verify_crate(crate)
    subprocess.run(["sha256sum", "-c", "--quiet", "manifest-sha256.txt"], cwd=crate, check=True)
    actions = {e["@id"]: e for e in graph(crate) if e["@type"] == "CreateAction"}
    diverged = [name for name, each in actions.items() if "additionalProperty" in each]
    assert len(actions) == 8 + 4 and len(diverged) == 2
    assert {each["actionStatus"] for each in actions.values()} == {
        "http://schema.org/CompletedActionStatus"
    }
    assert (crate / RUN).read_bytes() == (checkout.root / RUN).read_bytes()
    assert largebatch("crate", "--verify", crate).code == 0

    change_numbers(crate / RUN, one_float)
    assert problems(crate, tmp_path) == []  # the official one does not look into the files
    said = largebatch("crate", "--verify", crate)
    assert (said.code, said.out) == (2, f"{RUN} is not the file that was exported.\n")


def graph(crate) -> list[dict]:
    return json.loads((crate / "ro-crate-metadata.json").read_text())["@graph"]


def test_no_crate_of_what_is_not_true(checkout, largebatch):
    change_numbers(checkout.root / RUN, one_float)
    said = largebatch("crate", "fig1")
    assert said.code == 2 and "is tampered, so its crate would not be true" in said.err
    assert not (checkout.root / "results/tiny/crates").exists()
