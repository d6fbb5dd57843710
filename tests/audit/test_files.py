"""One run, table or dataset by itself, by name or as a file wherever it lies."""

import shutil

import pyarrow.parquet as pq
import pytest

from largebatch.audit import Question, Verdict, find_file
from largebatch.audit.audit import audit_one
from largebatch.audit.checkout.present import Present
from largebatch.audit.lock import lock
from largebatch.errors import UserError
from largebatch.records import read_with_record, write_table

DATA = "results/data/dots.safetensors"
TABLE = "results/tiny/tables/fig1.parquet"


@pytest.fixture
def run(checkout):
    return checkout.study.runs[0]


def audit_file(checkout, path, **options):
    name, also = find_file(path, checkout.root)
    subject = Present(checkout.study, checkout.root).subject_at(name)
    return audit_one(checkout.study, subject.name, checkout.root, also=also, **options)


def test_a_run_is_verified_with_its_data_and_code(checkout, run):
    report = audit_file(checkout, checkout.path(run.path))
    assert (report.headline, report.exit_code, report.notes) == ("VERIFIED", 0, [])
    good = {f.link for f in report.findings if f.verdict is Verdict.INTACT}
    assert good == {"runs", "data", "code", "settings", "environment", "hardware", "git"}
    assert checkout.audit(run.name).findings == report.findings


def test_a_dataset_is_verified(checkout):
    report = audit_file(checkout, checkout.path(DATA))
    assert report.headline == "VERIFIED"
    assert checkout.audit("dots").findings == report.findings


def test_a_table_is_audited_with_what_shows_it(checkout):
    report = audit_file(checkout, checkout.path(TABLE))
    assert (report.subject.name, report.headline) == ("fig1", "VERIFIED")


@pytest.mark.parametrize("name", [TABLE, DATA, "run"])
def test_a_copy_elsewhere_is_known_by_its_record(checkout, run, tmp_path, name):
    original = checkout.path(run.path if name == "run" else name)
    copy = tmp_path / f"copy{original.suffix}"
    shutil.copy(original, copy)
    assert audit_file(checkout, copy).headline == "VERIFIED"
    original.write_bytes(original.read_bytes() + b" ")  # another file now, and damaged
    report = audit_file(checkout, copy)
    assert report.headline == "TAMPERED"
    [found] = [f for f in report.findings if f.culprit == str(copy)]
    assert found.link == {TABLE: "table", DATA: "data", "run": "runs"}[name]
    original.unlink()
    assert [f.verdict for f in find_file(copy, checkout.root)[1]] == [Verdict.CHANGED]


def test_a_copy_among_the_results_is_known_by_its_record(checkout, run):
    """Where no output of the workflow lies, nothing else is expected."""
    copy = checkout.path("results/tiny/mine.parquet")
    shutil.copy(checkout.path(run.path), copy)
    name, [found] = find_file(copy, checkout.root)
    assert (name, found.verdict) == (run.path, Verdict.INTACT)


def test_a_run_in_the_place_of_another_is_not_taken_for_its_own(checkout, run):
    shutil.copytree(checkout.path("results/tiny"), checkout.path("results/backup"))
    backup = checkout.path(run.path.replace("tiny", "backup"))
    assert audit_file(checkout, backup).headline == "VERIFIED"
    shutil.copy(checkout.path(checkout.study.runs[1].path), checkout.path(run.path))
    report = audit_file(checkout, checkout.path(run.path))
    assert (report.subject.name, report.headline) == (run.name, "TAMPERED")


def test_changed_code_makes_a_run_stale_and_no_dataset(checkout, run):
    checkout.edit("src/largebatch/training/schedule.py", "0.5 **", "0.25 **")
    report = checkout.audit(run.name)
    assert (report.headline, report.exit_code) == ("STALE", 1)
    again = f"snakemake {run.path} --forcerun {run.path} --config study=tiny"
    assert report.repair == [again]
    assert checkout.audit("dots").headline == "VERIFIED"


def test_a_damaged_or_missing_file_is_what_lies_in_its_place(checkout, run):
    path = checkout.path(run.path)
    path.write_bytes(path.read_bytes()[:-9])
    assert audit_file(checkout, path).headline == "TAMPERED"
    path.unlink()
    assert audit_file(checkout, path).headline == "MISSING"
    checkout.path(DATA).unlink()
    report = audit_file(checkout, checkout.path(DATA))
    assert (report.headline, report.exit_code) == ("MISSING", 2)
    assert report.repair == [f"snakemake {DATA} --force --config study=tiny"]


def test_a_run_is_trained_again(checkout, run):
    report = checkout.audit(run.name, train=checkout.train, reruns=1)
    assert report.answer(Question.REPRODUCED) == "yes"


def test_what_is_none_of_ours_is_refused(checkout, tmp_path, run):
    stranger = tmp_path / "a.parquet"
    pq.write_table(pq.read_table(checkout.path(run.path)).replace_schema_metadata(None), stranger)
    with pytest.raises(UserError, match=r"a\.parquet: it has no record of what made it"):
        find_file(stranger, checkout.root)
    with pytest.raises(UserError, match=r"b\.parquet: it does not exist, and it does not lie"):
        find_file(tmp_path / "b.parquet", checkout.root)
    with pytest.raises(UserError, match=r"it does not lie below results/<study>/"):
        find_file(checkout.path("results/b.parquet"), checkout.root)
    table, record = read_with_record(checkout.path(TABLE))
    for name in ("foo", "results/a.parquet", 3):
        write_table(stranger, table, record | {"name": name})
        with pytest.raises(UserError, match="its record names no output"):
            find_file(stranger, checkout.root)
    with pytest.raises(UserError, match=r"runs/other.parquet is not an output of"):
        audit_file(checkout, checkout.path("results/tiny/runs/other.parquet"))


def test_a_run_has_no_line_in_the_lock(checkout, run):
    with pytest.raises(UserError, match=r"has no line in results/figures\.lock"):
        lock(checkout.study, [run.name], checkout.root)
