"""config/claims.yaml: complete, closed, and about things that exist."""

from pathlib import Path

import pytest
import yaml

from largebatch.analysis.claims.evaluate import CHECKS
from largebatch.analysis.claims.ledger import LEDGER, Claim, claims_settings, read_ledger
from largebatch.errors import UserError
from largebatch.study import load_study

REPOSITORY = Path(__file__).parents[2]
CLAIMS = read_ledger(REPOSITORY).claims
PAPER = load_study("paper", REPOSITORY)
CHECKED = [(claim.id, check) for claim in CLAIMS for check in claim.checks]


def test_every_statement_is_there_in_order():
    assert [claim.id for claim in CLAIMS] == [f"C{i}" for i in range(1, 37)]
    assert all(claim.statement.endswith(".") and claim.place and claim.paper for claim in CLAIMS)


def test_every_test_is_known():
    assert {check["test"] for _, check in CHECKED} <= {*CHECKS, "untested"}


@pytest.mark.parametrize("claim", CLAIMS, ids=lambda claim: claim.id)
def test_the_paper_study_has_what_a_claim_needs(claim):
    for reference in claim.references:
        figure, _, row = reference.partition("/")
        if figure in PAPER.figures:
            assert not row or int(row) <= len(PAPER.figures[figure].sweeps)
        else:
            assert PAPER.sweeps[reference].group  # off, with a switch


def test_every_sweep_that_is_off_is_needed_by_a_claim():
    needed = {reference for claim in CLAIMS for reference in claim.references}
    assert {sweep.name for sweep in PAPER.sweeps.values() if not sweep.enabled} <= needed


@pytest.mark.parametrize(("id", "check"), CHECKED)
def test_a_value_of_the_paper_lies_on_the_grid(id, check):
    if check["test"] not in ("optimum", "threshold"):
        return
    for reference in check["sweeps"]:
        (name,) = PAPER.figures[reference].sweeps
        assert check["near"] in PAPER.sweeps[name].effective_lrs


def test_optima_are_those_of_the_figures():
    stated = {
        (reference, check["near"])
        for _, check in CHECKED
        if check["test"] == "optimum"
        for reference in check["sweeps"]
    }
    assert stated == {
        (name, figure.paper_optimum)
        for name, figure in PAPER.figures.items()
        if figure.paper_optimum is not None
    }


@pytest.mark.parametrize("claim", CLAIMS, ids=lambda claim: claim.id)
def test_no_claim_waits_for_larger_momenta_that_it_does_not_compare(claim):
    """All runs of a claim must exist, and figure 3 has those of figures 1 and 2, too."""
    figures = {reference.partition("/")[0] for reference in claim.references}
    named = {check.get(key, "") for check in claim.checks for key in ("first", "second")}
    compared = any("momentum-0.99" in name for name in named)
    ranked = any(check["test"] == "rank" for check in claim.checks)
    assert "fig3" not in figures or compared or ranked


def test_seconds_are_of_one_batch_since_packs_of_others_are_of_another_size():
    timed = [check for _, check in CHECKED if check.get("measure") == "seconds"]
    assert timed and not any("against" in check for check in timed)


WINDOW = "window: give it two fractions of the epochs, the first below the"


def refused(root, change) -> str:
    """What is said of the ledger after `change(content)`."""
    content = yaml.safe_load((root / LEDGER).read_text())
    change(content)
    (root / LEDGER).write_text(yaml.safe_dump(content))
    with pytest.raises(UserError) as refusal:
        read_ledger(root)
    return str(refusal.value)


@pytest.mark.parametrize(
    ("id", "change", "sentence"),
    [
        ("C1", {"marign": 1}, "marign: unknown key; write 'margin'"),
        ("C7", {"near": None}, "near: this key is missing; add it."),
        ("C1", {"test": "equal"}, "test: 'equal' is unknown; use better,"),
        ("C2", {"rates": {"rule": "low"}}, "rates.rule: 'low' is unknown"),
        (
            "C2",
            {"rates": {"rule": "largest", "by": 0.5}},
            "rates.by: largest counts rates; give",
        ),
        ("C6", {"target": None}, "target: updates are counted up to a target; name a figure or"),
        ("C6", {"margin": 3}, "margin: the measure updates is compared by factors; give `factor`"),
        ("C2", {"measure": "mean", "window": [0.5]}, WINDOW),
        ("C2", {"measure": "mean", "window": []}, WINDOW),
        ("C2", {"measure": "mean", "window": [0.5, 0.5]}, WINDOW),
        ("C2", {"measure": "mean", "window": [0.9, 0.1]}, WINDOW),
        (
            "C2",
            {"window": [0, 0.5]},
            "window: only mean and instability have a window; remove",
        ),
        ("C2", {"first": "momentm-0.9"}, "first: 'momentm-0.9' is no optimizer; use sgd,"),
        ("C2", {"second": "sdg"}, "second: 'sdg' is no optimizer; use sgd,"),
        ("C8", {"optimizers": ["sgd", "sdg"]}, "optimizers: 'sdg' is no optimizer; use sgd,"),
    ],
)
def test_a_fault_of_a_check_is_one_sentence_that_names_file_and_key(root, id, change, sentence):
    """None: without the key."""

    def edit(content: dict) -> None:
        check = content["claims"][id]["checks"][0]
        check.update(change)
        content["claims"][id]["checks"][0] = {k: v for k, v in check.items() if v is not None}

    assert refused(root, edit).startswith(f"config/claims.yaml: claims.{id}.checks.{sentence}")


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"alpah": 0.1}, "alpah: unknown key; write 'alpha'"),
        ({"draws": 10}, "draws: it must be at least 100, not 10."),
    ],
)
def test_so_is_one_of_what_all_checks_share(root, change, sentence):
    said = refused(root, lambda content: content.update(change))
    assert said.startswith(f"config/claims.yaml: {sentence}")


def test_a_ledger_that_cannot_be_read_is_named_as_in_its_checkout(root):
    (root / LEDGER).write_text("[]")
    with pytest.raises(UserError, match=r"^config/claims\.yaml: it must hold"):
        read_ledger(root)


def test_a_claim_needs_what_its_checks_name_each_once():
    checks = [
        {"sweeps": ["fig1", "fig3/2"], "against": "fig2"},
        {"sweeps": ["fig1"], "against": ["fig4", "fig5"], "target": "fig6"},
    ]
    claim = Claim("C1", "here", "A statement.", "a value", checks)
    assert claim.references == ["fig1", "fig3/2", "fig2", "fig4", "fig5", "fig6"]


@pytest.mark.parametrize("enable", [[], ["nesterov"]])
def test_verdicts_depend_on_the_groups_that_are_on(enable):
    assert claims_settings(load_study("paper", REPOSITORY, enable), REPOSITORY)["groups"] == enable
