"""`--rebuild` and `--rerun`: made again and compared, only when asked."""

import pyarrow as pa
import pytest
from verdicts import TABLE

from largebatch.analysis.as_trained import execution_of
from largebatch.audit import Question, Verdict
from largebatch.audit.checks import reproduce
from largebatch.errors import UserError
from largebatch.records import read_with_record, write_table
from largebatch.training.execution import Execution


def doubled(table: pa.Table) -> pa.Table:
    return pa.concat_tables([table, table])


def rebuilt(checkout, **options):
    options = {"build": checkout.build_of, "draw": checkout.draw_of, **options}
    report = checkout.audit(**options)
    return report, next(f for f in report.findings if f.link == "rebuilt")


def test_the_same_again(checkout):
    report, finding = rebuilt(checkout)
    assert report.headline == "VERIFIED" and report.answer(Question.REPRODUCED) == "yes"
    assert finding.detail == "identical bytes: pdf, png, svg"


def test_another_table_or_picture_from_the_same_code_is_tampering(checkout):
    report, finding = rebuilt(checkout, build=lambda of: doubled(checkout.build_of(of)))
    assert report.headline == "TAMPERED" and finding.culprit.endswith("tables/fig1.parquet")
    report, finding = rebuilt(checkout, draw=lambda of, t, to: checkout.draw_of(of, doubled(t), to))
    assert report.headline == "TAMPERED" and finding.culprit == "fig1.pdf, fig1.png, fig1.svg"
    assert report.answer(Question.INTACT) == "yes" and report.answer(Question.REPRODUCED) == "no"


def test_a_doctored_table_with_all_its_digests_is_found(checkout):
    """Rewritten, and the figure drawn anew from it: only building it again can tell."""
    checkout.reseal(lambda t: t.set_column(2, "mean", pa.array([0.0] * len(t))), TABLE)
    assert checkout.audit().headline == "VERIFIED"
    assert rebuilt(checkout)[0].headline == "TAMPERED"


def test_after_a_change_of_code_a_difference_is_no_surprise(checkout):
    checkout.edit("src/largebatch/analysis/mean.py", "len(x)", "(len(x) - 1)")
    report, finding = rebuilt(checkout, build=lambda of: doubled(checkout.build_of(of)))
    assert report.headline == "STALE" and "its code has changed since" in finding.detail


def test_where_the_code_is_gone_a_difference_is_no_surprise(checkout):
    checkout.path("src/largebatch/training/schedule.py").unlink()
    report = checkout.audit(train=lambda run: doubled(checkout.train(run)), reruns=1)
    [finding] = [f for f in report.findings if f.link == "rerun"]
    assert report.headline == "STALE" and "its code has changed since" in finding.detail


@pytest.mark.parametrize(
    ("model", "old", "new", "headline"),
    [("net", "8", "9", "STALE"), ("knot", "3", "4", "TAMPERED")],
)
def test_only_code_that_a_run_uses_excuses_a_difference(checkout, model, old, new, headline):
    checkout.edit(f"src/largebatch/models/{model}.py", old, new)
    report = checkout.audit(train=lambda run: doubled(checkout.train(run)), reruns=1)
    assert report.headline == headline


def test_in_another_environment_a_difference_is_no_surprise(checkout, monkeypatch):
    monkeypatch.setattr(reproduce, "packages", lambda root: {"matplotlib": "0.1"})
    report, finding = rebuilt(checkout, draw=lambda of, t, to: checkout.draw_of(of, doubled(t), to))
    assert report.headline == "STALE" and "and is 0.1" in finding.detail


@pytest.mark.parametrize(
    ("device", "mates", "convolutions", "headline"),
    [
        ("cuda", 3, None, "STALE"),
        ("cuda", 3, "grouped", "STALE"),
        ("cuda", 3, "branches", "TAMPERED"),
        ("cuda", 0, None, "TAMPERED"),
        ("cpu", 3, None, "TAMPERED"),
    ],
)
def test_in_other_company_a_difference_is_no_surprise_on_a_gpu(
    checkout, device, mates, convolutions, headline
):
    execution = {"convolutions": convolutions} if convolutions else {}
    for run in checkout.study.runs_of("fig1"):
        table, record = read_with_record(checkout.path(run.path))
        record["facts"] |= {"device": device, "pack_mates": ["x"] * mates, "execution": execution}
        write_table(checkout.path(run.path), table, record)
    checkout.remake()
    report = checkout.audit(train=lambda run: doubled(checkout.train(run)), reruns=1)
    assert report.headline == headline


@pytest.mark.parametrize(
    ("recorded", "kernels", "convolutions"),
    [
        ({"kernels": "own", "convolutions": "joint"}, "auto", "joint"),
        ({"kernels": "off", "graphs": "on"}, "off", "auto"),
        ({}, "auto", "auto"),
    ],
)
def test_a_run_is_trained_again_as_its_record_says(recorded, kernels, convolutions):
    found = execution_of({"execution": recorded})
    assert found == Execution(kernels=kernels, convolutions=convolutions)


def test_a_damaged_run_is_not_built_from(checkout):
    run = checkout.study.runs_of("fig1")[0]
    checkout.path(run.path).write_bytes(b"nothing")
    report, finding = rebuilt(checkout)
    assert report.verdict is Verdict.CHANGED
    assert finding.detail.startswith("it could not be made again")


@pytest.mark.parametrize("error", [UserError, KeyError, AttributeError, RuntimeError])
def test_what_cannot_be_made_again_is_not_verified(checkout, error):
    """Else a forger would only have to see to that: with a null, or kernels that are not here."""

    def refuse(*_):
        raise error("no GPU here")

    for options in ({"train": refuse, "reruns": 1}, {"build": refuse, "draw": checkout.draw_of}):
        report = checkout.audit(**options)
        assert (report.headline, report.exit_code) == ("STALE", 1)
        assert report.answer(Question.REPRODUCED) == "no"
        [found] = [f for f in report.findings if f.is_bad]
        assert "it could not be made again" in found.detail and "no GPU here" in found.detail


def test_runs_trained_again(checkout):
    trained = []

    def train(run):
        trained.append(run)
        return checkout.train(run)

    report = checkout.audit(train=train, reruns=3)
    assert len(trained) == 3 == sum(f.link == "rerun" for f in report.findings)
    assert report.headline == "VERIFIED" and report.answer(Question.REPRODUCED) == "yes"
    for _ in range(20):
        checkout.audit(train=train, reruns=1)
    assert len(set(trained[3:])) > 1  # nobody can know which will be picked
    report = checkout.audit(train=lambda run: doubled(checkout.train(run)), reruns=100)
    assert report.headline == "TAMPERED" and sum(f.link == "rerun" for f in report.findings) == 8


@pytest.mark.parametrize("options", [{}, {"reruns": 3}])
def test_what_was_not_asked_is_not_checked(checkout, options):
    report = checkout.audit(**options)
    assert report.answer(Question.REPRODUCED) == "not checked"
