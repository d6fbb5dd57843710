"""Claims, theory, measurements, maps and report are audited as figures are, with the same words."""

import pytest
from beside import (
    EXACT,
    FIGURES,
    FROM_MEASURED,
    FROM_RUNS,
    MADE,
    MISSING,
    STALE,
    bad,
    files,
    planned,
    verdicts,
)
from files import TABLE

from largebatch.audit import audited
from largebatch.study import load_study


@pytest.fixture
def checkout(whole, tmp_path):
    return whole.copy(tmp_path / "checkout")


def test_all_of_it_is_audited_and_stands(checkout, audit, largebatch):
    page = (checkout.root / "results/tiny/report.html").read_text()
    assert page.count('<p class="verdict">VERIFIED;') == len([*FIGURES, "claims"])
    said = audit()
    assert said.code == 0 and list(verdicts(said)) == [*FIGURES, *MADE]
    assert {(r["intact"], r["current"]) for r in said.facts} == {("yes", "yes")}
    lines = largebatch("audit").out.splitlines()
    assert len({line.index("VERIFIED") for line in lines}) == 1 and len(lines) == 2 + len(MADE)


def test_the_chain_of_the_claims_goes_down_to_the_data(largebatch):
    said = largebatch("audit", "claims")
    assert said.code == 0
    for line in (
        "page         claims.md",
        "table        results/tiny/claims.parquet",
        "             results/tiny/measured/fig1.parquet",
        "             results/tiny/tables/fig1.parquet",
        "data         results/data/digits.safetensors",
        "settings     config/studies/tiny.yaml data",
        "             config/claims.yaml claims",
    ):
        assert line in said.out, said.out


def test_what_was_never_made_is_not_missed(made, whole):
    assert audited(load_study("tiny", made.root), made.root) == FIGURES
    assert audited(load_study("tiny", whole.root), whole.root) == [*FIGURES, *MADE]


def test_what_is_left_of_it_is_missed(checkout, audit):
    """Rules make several at once: while one is there, all of them should be."""
    for name in ("T1", "claims", "map-gap"):
        for path in files(checkout.root, name):
            path.unlink()
    said = verdicts(audit())
    assert (said["T1"], said["map-gap"]) == (MISSING, MISSING) and "claims" not in said


def test_the_lock_misses_all(checkout, largebatch, audit):
    assert largebatch("audit", "--lock").code == 0
    keys = (checkout.root / "results/figures.lock").read_text().split()[1::2]
    assert {"tiny/fig1", "tiny/claims", "tiny/T1", "theory/stability"} <= set(keys)
    for path in files(checkout.root, "claims"):
        path.unlink()
    assert verdicts(audit())["claims"] == MISSING


@pytest.mark.parametrize(
    "name", ["T1.svg", "claims.md", "stability.png", "measured-fig1.pdf", "report.html"]
)
def test_a_renamed_copy_is_found(checkout, audit, tmp_path, name):
    subject, _, ending = name.partition(".")
    copy = tmp_path / f"For the talk.{ending}"
    copy.write_bytes((checkout.root / f"{MADE[subject]}.{ending}").read_bytes())
    said = audit(copy)
    assert (said.code, said.facts["name"]) == (0, subject)


def test_a_table_made_again_makes_stale_what_was_made_from_it(checkout, largebatch, audit):
    assert largebatch("table", "fig1").code == largebatch("figure", "fig1").code == 0
    said = verdicts(audit())
    assert {name for name in said if said[name] == STALE} == {"measured-fig1", *FROM_MEASURED}
    assert audit("claims").blamed == audit("report").blamed == {TABLE: STALE}


@pytest.mark.parametrize(
    ("module", "stale"),
    [
        ("study/schedule.py", {*FIGURES, *FROM_RUNS, "T1", "T3"}),
        ("kernels/lstm_recurrence.py", set(FROM_RUNS)),  # measurements are of all kinds of model
        ("analysis/theory/noisy_quadratic.py", {"T1", "T3"}),
        ("analysis/theory/mean_square.py", set(EXACT)),
        ("analysis/claims/page.py", {"claims", "report"}),
        ("figures/hover.py", {"report"}),
        ("analysis/maps/gap.py", {"map-gap", "map-heat", "map-reach"}),
        ("figures/marks.py", {*FIGURES, *MADE} - {"claims"}),
        ("cli/theory.py", set()),
    ],
)
def test_code_makes_stale_what_it_computes_and_nothing_else(checkout, audit, module, stale):
    """Snakemake makes again what the audit finds stale, and what measurements are shown in."""
    checkout.append(f"src/largebatch/{module}", "\nSIZE = 9\n")
    said = audit()
    assert bad(said) == stale and said.code == (1 if stale else 0)
    measured = {*FROM_MEASURED} if "measured-fig1" in stale else set()
    assert planned(checkout) == stale | measured


def test_the_ledger_makes_the_claims_stale(checkout, audit):
    ledger = checkout.root / "config/claims.yaml"
    ledger.write_text(ledger.read_text().replace("alpha: 0.05", "alpha: 0.1"))
    assert bad(audit()) == {"claims", "report"}
    assert audit("claims").blamed == {"ledger.alpha: 0.05 -> 0.1": STALE}
    assert planned(checkout) == {"claims", "report"}


def test_a_title_makes_stale_what_shows_it(checkout, audit):
    """One process makes all twins, so Snakemake makes all of them again."""
    checkout.edit_study(lambda study: study["figures"]["fig1"].update(title="Another"))
    stale = {"fig1", "T1", "measured-fig1", *FROM_MEASURED}
    assert bad(audit()) == stale and planned(checkout) == stale | {"T3"}
