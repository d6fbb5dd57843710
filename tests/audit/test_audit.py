"""What is done to a figure's chain, and what the audit must say of it."""

import shutil
from dataclasses import replace

import numpy as np
import pytest
from damage import change_numbers, change_record, one_float, repeat_a_row, swap, truncate

from largebatch.audit import Question, Verdict, audit_study
from largebatch.data.store import write_dataset
from largebatch.errors import UserError
from largebatch.records import (
    file_digest,
    read_sidecar,
    read_with_record,
    write_sidecar,
    write_table,
)
from largebatch.records import record as record_room
from largebatch.records.record import FIELDS

DATA = "results/data/dots.safetensors"
RUN = "results/tiny/runs/net_dots/b8/sgd/lr0.5/seed0.parquet"
OTHER_RUN = "results/tiny/runs/net_dots/b8/sgd/lr0.5/seed1.parquet"
TABLE = "results/tiny/tables/fig1.parquet"
PICTURE = "results/tiny/figures/fig1.png"
SIDECAR = "results/tiny/figures/fig1.json"


def blamed(report, verdict) -> set[str]:
    return {finding.culprit for finding in report.findings if finding.verdict is verdict}


def assert_only(report, verdict, *culprits) -> None:
    """The verdict, its exit code, and nobody else to blame."""
    codes = {Verdict.STALE: 1, Verdict.MISSING: 2, Verdict.CHANGED: 2}
    bad = {f.culprit for f in report.findings if f.verdict in codes}
    assert report.verdict is verdict and report.exit_code == codes[verdict]
    assert bad == set(culprits)


def test_an_untouched_figure_is_verified(checkout):
    for figure in ("fig1", "fig3"):
        report = checkout.audit(figure)
        assert report.headline == "VERIFIED" and report.exit_code == 0
        assert report.answer(Question.INTACT) == report.answer(Question.CURRENT) == "yes"
        assert report.answer(Question.REPRODUCED) == "not checked"
        assert report.repair == []
        assert "runs diverged; the figure says so" in report.notes[0].what


@pytest.mark.parametrize("name", [RUN, TABLE])
@pytest.mark.parametrize("change", [one_float, repeat_a_row, lambda table: table.slice(1)])
def test_changed_numbers_are_found(checkout, name, change):
    change_numbers(checkout.path(name), change)
    report = checkout.audit()
    assert_only(report, Verdict.CHANGED, name)
    assert report.repair == [f"snakemake fig1 --forcerun {name} --config study=tiny"]


def test_an_edited_record_is_found(checkout):
    change_record(checkout.path(RUN), status="diverged")
    assert_only(checkout.audit(), Verdict.CHANGED, RUN)


def test_a_run_rewritten_with_all_its_digests_is_found(checkout):
    table, record = read_with_record(checkout.path(RUN))
    write_table(checkout.path(RUN), one_float(table), record)
    assert_only(checkout.audit(), Verdict.CHANGED, RUN)


def test_a_record_rewritten_with_all_its_digests_is_found(checkout):
    table, record = read_with_record(checkout.path(RUN))
    write_table(checkout.path(RUN), table, record | {"hardware": {"gpu": "a better one"}})
    assert_only(checkout.audit(), Verdict.CHANGED, RUN)


@pytest.mark.parametrize("field", [None, *FIELDS])
def test_a_record_that_is_none_is_found(checkout, field):
    """Sealed, but with a field of another kind, or with nothing at all."""
    table, record = read_with_record(checkout.path(RUN))
    name = {"name": record["name"]}
    write_table(checkout.path(RUN), table, record | {field: 3} if field else name)
    assert_only(checkout.audit(), Verdict.CHANGED, RUN)


@pytest.mark.parametrize(
    "field",
    [
        {"git": {}},
        {"git": {"commit": "f" * 40, "dirty": True, "patch": []}},
        {"hardware": {"cpu": []}},
        {"packages": "numpy"},
        {"code": {"step": "train", "digest": "x", "modules": []}},
        {"inputs": [{"name": [], "table": "x"}]},
    ],
)
def test_a_record_with_a_part_of_another_kind_is_found(checkout, field):
    table, record = read_with_record(checkout.path(RUN))
    write_table(checkout.path(RUN), table, record | field)
    [found] = [f for f in checkout.audit().findings if f.culprit == RUN]
    assert found.detail.endswith(f"is not one of this package's: no {min(field)}")


@pytest.mark.parametrize("part", [{"identity": 3}, {"outputs": ["fig1.pdf"]}])
def test_a_sidecar_with_a_part_of_another_kind_is_found(checkout, part):
    path = checkout.path("results/tiny/figures/fig1.json")
    path.write_text(replace(read_sidecar(path), **part).text)
    assert_only(checkout.audit(), Verdict.CHANGED, "results/tiny/figures/fig1")


@pytest.mark.parametrize("record", [{}, {"name": "results/tiny/figures/fig1"}, [1]])
def test_a_sidecar_whose_record_is_none_is_found(checkout, record):
    sidecar = checkout.path("results/tiny/figures/fig1.json")
    write_sidecar(sidecar, record, "0" * 64, [])
    assert_only(checkout.audit(), Verdict.CHANGED, "results/tiny/figures/fig1")


def test_two_swapped_runs_are_found(checkout):
    swap(checkout.path(RUN), checkout.path(OTHER_RUN))
    assert_only(checkout.audit(), Verdict.CHANGED, RUN, OTHER_RUN)


def test_the_table_of_another_figure_is_found(checkout):
    shutil.copy(checkout.path("results/tiny/tables/fig3.parquet"), checkout.path(TABLE))
    assert_only(checkout.audit(), Verdict.CHANGED, TABLE)


@pytest.mark.parametrize("name", [RUN, TABLE, PICTURE, SIDECAR, DATA])
def test_a_deleted_file_is_missing(checkout, name):
    checkout.path(name).unlink()
    report = checkout.audit()
    assert report.headline == "MISSING" and report.exit_code == 2
    assert blamed(report, Verdict.MISSING) == {name.removesuffix(".json")}


@pytest.mark.parametrize("name", [RUN, TABLE, PICTURE, SIDECAR, DATA])
def test_a_truncated_file_is_found(checkout, name):
    truncate(checkout.path(name))
    report = checkout.audit()
    assert report.headline == "TAMPERED" and report.exit_code == 2
    assert blamed(report, Verdict.CHANGED) == {name.removesuffix(".json")}


def test_data_that_changed_on_disk_are_found(checkout):
    content = bytearray(checkout.path(DATA).read_bytes())
    content[-1] ^= 1
    checkout.path(DATA).write_bytes(content)
    report = checkout.audit()
    assert_only(report, Verdict.CHANGED, DATA)
    assert report.repair[0] == f"snakemake {DATA} --force --config study=tiny"


def test_a_file_of_ones_own_that_was_edited_is_found(checkout):
    """With its time of modification put back, Snakemake does not see it."""
    own = {"train": "my/train.txt", "test": "my/test.txt"}
    for file in own.values():
        checkout.path(file).parent.mkdir(exist_ok=True)
        checkout.path(file).write_text("one two\n")
    settings = {"source": "text", **own}
    checkout.study = replace(checkout.study, datasets={"dots": settings})
    record = checkout.record("data", DATA, "data", 0.0, settings=settings)
    files = {split: file_digest(checkout.path(file)) for split, file in own.items()}
    tokens = {"train_tokens": np.arange(60, dtype=np.int32)}  # as many as there were images
    write_dataset(checkout.path(DATA), tokens, {"files": files}, record)
    checkout.train_all(checkout.study.runs)
    checkout.table("fig1")
    checkout.figure("fig1")
    assert checkout.audit().headline == "VERIFIED"
    checkout.path(own["train"]).write_text("two one\n")
    report = checkout.audit()
    assert_only(report, Verdict.STALE, own["train"])
    assert report.repair[0] == f"snakemake {DATA} --force --config study=tiny"
    checkout.path(own["train"]).unlink()
    assert checkout.audit().headline == "VERIFIED"


def test_data_prepared_again_count_only_if_they_are_other_data(checkout):
    checkout.prepare(start=1000.0)
    assert checkout.audit().headline == "VERIFIED"
    checkout.prepare(start=1000.0, seed=1)
    assert_only(checkout.audit(), Verdict.STALE, DATA)


def test_a_run_trained_again_makes_the_table_stale(checkout):
    run = next(run for run in checkout.study.runs if run.path == RUN)
    checkout.train_all([run], start=1000.0)
    report = checkout.audit()
    assert_only(report, Verdict.STALE, RUN)
    assert report.repair == [f"snakemake fig1 --forcerun {TABLE} --config study=tiny"]


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


def test_the_settings_of_a_task_make_its_runs_stale(checkout):
    checkout.change_study(epochs=5)
    report = checkout.audit()
    assert_only(report, Verdict.STALE, "task.epochs: 3 -> 5", "tasks.net_dots.epochs: 3 -> 5")


def test_a_new_seed_makes_the_table_stale(checkout):
    checkout.change_study(seeds=(0, 1, 2))
    report = checkout.audit()
    assert report.headline == "STALE"
    assert any("4 runs of the study are not in the table" in f.what for f in report.findings)
    assert "sweeps[0].seeds: [0,1] -> [0,1,2]" in {f.culprit for f in report.findings}


def test_of_long_settings_what_differs_is_shown(checkout):
    rates = (0.001, 0.002, 0.004, 0.008, 0.016, 0.032, 0.064)
    for grid in (rates, (*rates[:-1], 0.128)):
        sweeps = {n: replace(s, effective_lrs=grid) for n, s in checkout.study.sweeps.items()}
        checkout.study = replace(checkout.study, sweeps=sweeps)
        if grid is rates:
            checkout.train_all(checkout.study.runs)
            checkout.table("fig1")
            checkout.figure("fig1")
    culprits = {finding.culprit for finding in checkout.audit().findings}
    assert "sweeps[0].effective_lrs: ...,0.064] -> ...,0.128]" in culprits


def test_a_seed_less_makes_the_table_stale(checkout):
    checkout.change_study(seeds=(0,))
    report = checkout.audit()
    assert report.headline == "STALE"
    assert any("4 runs in the table are not of the study" in f.what for f in report.findings)


def test_another_lock_makes_everything_stale(checkout):
    checkout.path("envs/pipeline.lock").write_text("numpy==0.1\n")
    report = checkout.audit()
    assert_only(report, Verdict.STALE, "envs/pipeline.lock")
    assert any("where the lock says 0.1" in note.what for note in report.notes)


def test_a_run_from_a_dirty_tree_is_a_note_and_its_patch_is_verified(checkout):
    checkout.edit("src/largebatch/training/schedule.py", "# halves", "# takes half")
    record_room.snapshot.cache_clear()
    run = next(run for run in checkout.study.runs if run.path == RUN)
    checkout.train_all([run])
    checkout.table("fig1")
    checkout.figure("fig1")
    report = checkout.audit()
    assert report.headline == "VERIFIED"
    assert any("dirty tree" in note.what for note in report.notes)
    [patch] = checkout.path("results/patches").iterdir()
    kept = patch.read_text()
    patch.write_text(kept.replace("takes half", "takes all"))
    assert checkout.audit().headline == "TAMPERED"
    patch.unlink()
    assert any("is not kept here" in note.what for note in checkout.audit().notes)


def test_runs_of_two_machines_are_a_note(checkout):
    table, record = read_with_record(checkout.path(RUN))
    gpu = {"gpu": "NVIDIA H100", "driver": "570.86", "cuda": "12.8"}
    write_table(checkout.path(RUN), table, record | {"hardware": gpu})
    checkout.table("fig1")
    checkout.figure("fig1")
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
