"""What is done to the files of a figure's chain, and what the audit must say of it."""

import shutil
from dataclasses import replace

import pytest
from damage import change_numbers, change_record, one_float, repeat_a_row, swap, truncate
from safetensors.numpy import load_file
from verdicts import DATA, OTHER_RUN, PICTURE, RUN, SIDECAR, TABLE, assert_only, blamed, faults

from largebatch.audit import Question, Verdict
from largebatch.audit.evidence.record_form import FIELDS
from largebatch.data.load import read_dataset_record
from largebatch.data.store import write_dataset
from largebatch.records import read_sidecar, read_with_record, write_sidecar, write_table


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
    report = checkout.audit()
    assert faults(report) == {RUN: f"its numbers are not what {TABLE} was made from"}
    assert report.repair == [f"snakemake fig1 --forcerun {RUN} --config study=tiny"]


def test_a_record_rewritten_with_all_its_digests_is_found(checkout):
    table, record = read_with_record(checkout.path(RUN))
    write_table(checkout.path(RUN), table, record | {"hardware": {"gpu": "a better one"}})
    assert faults(checkout.audit()) == {RUN: f"its record is not what {TABLE} was made from"}


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
        {"git": {"commit": "HEAD", "dirty": False}},
        {"hardware": {"cpu": []}},
        {"packages": "numpy"},
        {"code": {"step": "train", "digest": "x", "modules": []}},
        {"inputs": [{"name": [], "table": "x"}]},
    ],
)
def test_a_record_with_a_part_of_another_kind_is_found(checkout, field):
    table, record = read_with_record(checkout.path(RUN))
    write_table(checkout.path(RUN), table, record | field)
    assert faults(checkout.audit())[RUN].endswith(
        f"not written by this package; missing or malformed: {min(field)}"
    )


@pytest.mark.parametrize("part", [{"identity": 3}, {"outputs": ["fig1.pdf"]}])
def test_a_sidecar_with_a_part_of_another_kind_is_found(checkout, part):
    path = checkout.path(SIDECAR)
    path.write_text(replace(read_sidecar(path), **part).text)
    assert_only(checkout.audit(), Verdict.CHANGED, SIDECAR.removesuffix(".json"))


@pytest.mark.parametrize("record", [{}, {"name": "results/tiny/figures/fig1"}, [1]])
def test_a_sidecar_whose_record_is_none_is_found(checkout, record):
    sidecar = checkout.path(SIDECAR)
    write_sidecar(sidecar, record, "0" * 64, [])
    assert_only(checkout.audit(), Verdict.CHANGED, SIDECAR.removesuffix(".json"))


def test_other_bytes_of_the_same_numbers_and_record_are_found(checkout):
    change_numbers(checkout.path(RUN), lambda table: table)
    assert faults(checkout.audit()) == {RUN: f"its bytes are not what {TABLE} was made from"}


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


@pytest.mark.parametrize(
    ("field", "words"),
    [
        ({"name": "results/data/other.safetensors"}, "it belongs to results/data/other"),
        ({"started": "2100-01-01T00:00:00.000+00:00"}, "its record says that it finished before"),
        ({"settings": {"source": "text"}}, "the settings in its record are not valid: a dataset"),
    ],
)
def test_data_with_another_record_are_found(checkout, field, words):
    path = checkout.path(DATA)
    write_dataset(path, load_file(path), {}, read_dataset_record(path) | field)
    [(culprit, detail)] = faults(checkout.audit("dots")).items()
    assert culprit == DATA and detail.startswith(words)


def test_tensors_of_no_known_type_are_found(checkout):
    path = checkout.path(DATA)
    content = path.read_bytes()
    assert b'"U8"' in content
    path.write_bytes(content.replace(b'"U8"', b'"X8"'))
    words = "its tensors are not the ones recorded when it was written"
    assert faults(checkout.audit("dots")) == {DATA: words}


def test_data_that_changed_on_disk_are_found(checkout):
    content = bytearray(checkout.path(DATA).read_bytes())
    content[-1] ^= 1
    checkout.path(DATA).write_bytes(content)
    report = checkout.audit()
    assert_only(report, Verdict.CHANGED, DATA)
    assert report.repair[0] == f"snakemake {DATA} --force --config study=tiny"
