"""What changes in the tree, or is made again, under a figure, and what the audit must say of it."""

from dataclasses import replace

import numpy as np
import pytest
from verdicts import DATA, RUN, TABLE, assert_only

from largebatch.audit import Verdict, audit_study
from largebatch.audit.checks.current import settings_findings
from largebatch.data.store import write_dataset
from largebatch.errors import UserError
from largebatch.records import file_digest, read_record
from largebatch.records import record as record_room


def test_a_file_of_ones_own_that_was_edited_is_found(checkout):
    """With its time of modification put back, Snakemake does not see it."""
    own = {"train": "my/train.txt", "test": "my/test.txt"}
    for file in own.values():
        checkout.path(file).parent.mkdir(exist_ok=True)
        checkout.path(file).write_text(f"one two {file}\n")
    settings = {"source": "text", **own}
    checkout.study = replace(checkout.study, datasets={"dots": settings})
    record = checkout.record("data", DATA, "data", 0.0, settings=settings)
    files = {split: file_digest(checkout.path(file)) for split, file in own.items()}
    tokens = {"train_tokens": np.arange(60, dtype=np.int32)}  # as many as there were images
    write_dataset(checkout.path(DATA), tokens, {"files": files}, record)
    checkout.remake(runs=checkout.study.runs)
    assert checkout.audit().headline == "VERIFIED"
    checkout.path(own["train"]).write_text("two one\n")
    report = checkout.audit()
    assert_only(report, Verdict.STALE, own["train"])
    assert report.repair[0] == f"snakemake {DATA} --force --config study=tiny"
    checkout.path(own["train"]).unlink()
    report = checkout.audit()
    assert report.headline == "VERIFIED"
    [gone] = [f for f in report.findings if f.what == own["train"]]
    assert gone.verdict is Verdict.UNCHECKED and gone.detail.endswith("is not here")


def test_data_prepared_again_count_only_if_they_are_other_data(checkout):
    checkout.prepare(start=1000.0)
    assert checkout.audit().headline == "VERIFIED"
    checkout.prepare(start=1000.0, seed=1)
    assert_only(checkout.audit(), Verdict.STALE, DATA)
    checkout.prepare(seed=1)  # before the runs, which name other data
    report = checkout.audit()
    assert_only(report, Verdict.CHANGED, DATA)
    assert set(report.remake) == {run.path for run in checkout.study.runs_of("fig1")}


def test_a_run_trained_again_makes_the_table_stale(checkout):
    run = next(run for run in checkout.study.runs if run.path == RUN)
    checkout.train_all([run], start=1000.0)
    report = checkout.audit()
    assert_only(report, Verdict.STALE, RUN)
    assert report.repair == [f"snakemake fig1 --forcerun {TABLE} --config study=tiny"]
    checkout.train_all([run], start=195.0)  # it ended while the table was made
    assert_only(checkout.audit(), Verdict.STALE, RUN)


@pytest.mark.parametrize(
    ("old", "new"),
    [("# halves", "# takes half"), ('"""Rates."""', '"""All rates."""'), ("drop = ", "drop  =  ")],
)
def test_comments_docstrings_and_layout_change_nothing(checkout, old, new):
    checkout.edit("src/largebatch/training/schedule.py", old, new)
    assert checkout.audit().headline == "VERIFIED"


@pytest.mark.parametrize(("old", "new"), [("0.5", "0.25"), ("drop", "factor")])
def test_changed_training_code_makes_the_runs_stale(checkout, old, new):
    checkout.edit("src/largebatch/training/schedule.py", old, new)
    report = checkout.audit()
    assert_only(report, Verdict.STALE, "largebatch.training.schedule")
    stale = next(f for f in report.findings if f.verdict is Verdict.STALE)
    assert stale.what == "train net" and "8 of 8" in stale.detail
    assert set(stale.remake) == {run.path for run in checkout.study.runs_of("fig1")}


def test_commits_are_told_of_what_predates_a_change(checkout):
    """The run that was trained after the change, in another commit, is not among them."""
    first = read_record(checkout.path(RUN))["git"]["commit"]
    checkout.edit("src/largebatch/training/schedule.py", "0.5", "0.25")
    checkout.git("commit", "-qam", "faster")
    record_room.snapshot.cache_clear()
    run = next(run for run in checkout.study.runs if run.path == RUN)
    checkout.train_all([run])
    [stale] = [f for f in checkout.audit().findings if f.what == "train net"]
    assert stale.detail == f"changed since {first[:7]}: 7 of 8 predate the change"
    assert len(stale.remake) == 7 and RUN not in stale.remake


def test_changed_plot_code_leaves_the_runs_alone(checkout):
    checkout.edit("src/largebatch/figures/style.mplstyle", "8", "9")
    report = checkout.audit()
    assert_only(report, Verdict.STALE, "largebatch/figures/style.mplstyle")
    assert report.repair == [
        "snakemake fig1 --forcerun results/tiny/figures/fig1.pdf --config study=tiny"
    ]


def test_code_that_is_gone_is_stale(checkout):
    checkout.path("src/largebatch/figures/draw.py").unlink()
    report = checkout.audit()
    assert_only(report, Verdict.STALE, "figure")
    again = "snakemake fig1 --forcerun results/tiny/figures/fig1.pdf --config study=tiny"
    assert report.repair == [again]
    assert "largebatch.figures.draw" in next(
        f.detail for f in report.findings if f.verdict is Verdict.STALE
    )


def test_the_settings_of_one_figure_do_not_touch_the_other(checkout):
    changed = replace(checkout.study.figures["fig3"], title="Other momenta")
    figures = {**checkout.study.figures, "fig3": changed}
    checkout.study = replace(checkout.study, figures=figures)
    assert checkout.audit("fig1").headline == "VERIFIED"
    report = checkout.audit("fig3")
    assert_only(report, Verdict.STALE, 'figure.title: "Momenta" -> "Other momenta"')


def test_settings_are_named_after_the_file_that_has_them(checkout):
    chain = checkout.audit().chain
    chain.subject = replace(chain.subject, settings_file="ledger.yaml")
    study = checkout.study.file
    named = [f"{study} data", f"{study} runs", "ledger.yaml table", "ledger.yaml figure"]
    assert [found.what for found in settings_findings(chain)] == named


def test_the_settings_of_a_task_make_its_runs_stale(checkout):
    checkout.change_study(epochs=5)
    report = checkout.audit()
    assert_only(report, Verdict.STALE, "task.epochs: 3 -> 5", "tasks.net_dots.epochs: 3 -> 5")


def test_a_new_seed_makes_the_table_stale(checkout):
    checkout.change_study(seeds=(0, 1, 2))
    report = checkout.audit()
    assert report.headline == "STALE"
    [new] = [f for f in report.findings if f.what == "4 runs of the study are not in the table"]
    assert new.remake == (TABLE,)
    assert "sweeps[0].seeds: [0,1] -> [0,1,2]" in {f.culprit for f in report.findings}


def test_of_long_settings_what_differs_is_shown(checkout):
    rates = (0.001, 0.002, 0.004, 0.008, 0.016, 0.032, 0.064)
    for grid in (rates, (*rates[:-1], 0.128)):
        sweeps = {n: replace(s, effective_lrs=grid) for n, s in checkout.study.sweeps.items()}
        checkout.study = replace(checkout.study, sweeps=sweeps)
        if grid is rates:
            checkout.remake(runs=checkout.study.runs)
    culprits = {finding.culprit for finding in checkout.audit().findings}
    assert "sweeps[0].effective_lrs: ...,0.064] -> ...,0.128]" in culprits


def test_a_seed_less_makes_the_table_stale(checkout):
    checkout.change_study(seeds=(0,))
    report = checkout.audit()
    assert report.headline == "STALE"
    assert any("4 runs in the table are not in the study" in f.what for f in report.findings)
    [settings] = [f for f in report.findings if f.link == "settings" and f.what.endswith(" runs")]
    assert len(settings.remake) == 4 and all("seed1" in name for name in settings.remake)


def test_another_lock_makes_everything_stale(checkout):
    checkout.path("envs/pipeline.lock").write_text("numpy==0.1\n")
    report = checkout.audit()
    assert_only(report, Verdict.STALE, "envs/pipeline.lock")
    assert any("where the lock says 0.1" in note.what for note in report.notes)


def test_a_run_from_a_dirty_tree_is_a_note_and_its_patch_is_verified(checkout):
    checkout.edit("src/largebatch/training/schedule.py", "# halves", "# takes half")
    checkout.remake(runs=[run for run in checkout.study.runs if run.path == RUN])
    report = checkout.audit()
    assert report.headline == "VERIFIED"
    assert any("dirty tree" in note.what for note in report.notes)
    states = {
        f.what.split()[1]: f.detail for f in report.findings if f.detail.endswith("artefacts")
    }
    assert states == {"clean": "8 artefacts", "dirty": "3 artefacts"}
    [patch] = checkout.path("results/patches").iterdir()
    kept = patch.read_text()
    patch.write_text(kept.replace("takes half", "takes all"))
    assert checkout.audit().headline == "TAMPERED"
    patch.unlink()
    assert any("is not kept here" in note.what for note in checkout.audit().notes)


def test_runs_of_two_machines_are_a_note(checkout):
    checkout.reseal(hardware={"gpu": "NVIDIA H100", "driver": "570.86", "cuda": "12.8"})
    report = checkout.audit()
    assert report.headline == "VERIFIED"
    assert any("2 kinds of machine" in note.what for note in report.notes)
    assert any("H100, driver 570.86, CUDA 12.8" in f.detail for f in report.findings)


def test_all_figures_share_what_is_read(checkout):
    reports = audit_study(checkout.study, checkout.root)
    assert [(r.subject.name, r.headline) for r in reports] == [
        ("fig1", "VERIFIED"),
        ("fig3", "VERIFIED"),
    ]
    checkout.path(RUN).unlink()
    reports = audit_study(checkout.study, checkout.root)
    assert [r.headline for r in reports] == ["MISSING", "MISSING"]


def test_an_unknown_figure_is_said(checkout):
    with pytest.raises(UserError, match="no figure 'fig9'"):
        checkout.audit("fig9")
