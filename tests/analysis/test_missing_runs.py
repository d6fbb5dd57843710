"""A table of runs that are not all there, or not the ones that it wants."""

from dataclasses import replace

import pytest
from small_study import EPOCHS, of_point, rows, study_of, sweep_of

from largebatch.analysis.tables import build_table, write_figure_table
from largebatch.errors import UserError
from largebatch.records import read_artefact
from largebatch.study import Task


@pytest.mark.parametrize("make", [build_table, write_figure_table])
def test_a_missing_run_is_named_with_the_command_that_makes_it(study, files, make):
    missing = study.runs_of("fig1")[4]
    (files.root / missing.path).unlink()
    command = f"`snakemake {missing.path} --config study=small`"
    with pytest.raises(UserError, match=rf"^{missing.path}: .*{command}"):
        make(study, "fig1", files.root)


def test_a_run_of_other_settings_is_refused_and_in_unfinished_figures_left_out(study, files):
    longer = Task("tiny", {**study.tasks["tiny"].settings, "epochs": EPOCHS + 1})
    changed = replace(study, tasks={"tiny": longer})
    again = r"make it again with `snakemake \S+ --force --config study=small`"
    with pytest.raises(UserError, match=rf"it was made with other settings; {again}"):
        build_table(changed, "fig1", files.root)
    assert build_table(changed, "fig1", files.root, unfinished=True).num_rows == 0


def test_an_unfinished_table_says_how_much_of_it_is_there(study, files):
    for run in of_point(study, "sgd", 2.0) + of_point(study, "sgd", 1.0)[:1]:
        (files.root / run.path).unlink()
    artefact = read_artefact(write_figure_table(study, "fig1", files.root, unfinished=True))
    assert artefact.record["facts"]["runs"] == {"planned": 18, "present": 14}
    found = rows(artefact.table, panel="sweep", metric="test_loss", optimizer="sgd")
    assert [(r["effective_lr"], r["n"]) for r in found] == [(0.5, 3), (1.0, 2)]


def test_an_unfinished_table_may_be_empty(files):
    table = build_table(study_of(sweep_of()), "fig1", files.root, unfinished=True)
    assert table.num_rows == 0


def test_a_run_that_ends_early_is_refused(study, files):
    run = study.runs_of("fig1")[0]
    files.write(run, test_loss=[3.0, 2.0], test_accuracy=[0.1, 0.5])
    with pytest.raises(UserError, match=f"{run.path}: it must have one row for each of the epochs"):
        build_table(study, "fig1", files.root)


def test_a_run_in_the_place_of_another_is_refused(study, files):
    one, other = (files.root / run.path for run in study.runs_of("fig1")[:2])
    one.write_bytes(other.read_bytes())
    with pytest.raises(UserError, match=r"seed0\.parquet: it belongs to .*seed1\.parquet"):
        build_table(study, "fig1", files.root)
