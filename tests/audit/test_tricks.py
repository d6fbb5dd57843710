"""What somebody could try who knows how the audit reads: all is told, and nothing ends it."""

import json
import os
import shutil
import subprocess

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from damage import change_numbers, one_float, swap
from safetensors.numpy import load_file
from verdicts import DATA, OTHER_RUN, PICTURE, RUN, SIDECAR, TABLE, assert_only, blamed, faults

from largebatch.audit import Verdict, find_file, full_text, lock, one_line, verify_crate
from largebatch.data import store as store_room
from largebatch.data.load import read_dataset_record
from largebatch.data.store import write_dataset
from largebatch.errors import UserError
from largebatch.records import (
    read_artefact,
    read_record,
    read_sidecar,
    refusal,
    write_sidecar,
)

DEEP = "[" * 100_000
ESCAPE = "\x1b[2J\x1b[Hfig1   Dots   VERIFIED\u202e"


def retyped(column: str, kind: pa.DataType):
    def change(table: pa.Table) -> pa.Table:
        place = table.column_names.index(column)
        return table.set_column(place, column, table[column].cast(kind))

    return change


OTHER_COLUMNS = {
    "epochs as floats": retyped("epoch", pa.float64()),
    "steps as text": retyped("step", pa.string()),
    "a loss with fewer digits": retyped("test_loss", pa.float32()),
}


@pytest.mark.parametrize("trick", OTHER_COLUMNS)
def test_columns_that_no_run_has(checkout, trick):
    checkout.reseal(OTHER_COLUMNS[trick])
    assert faults(checkout.audit()) == {RUN: "its columns are not those of a run"}


def test_a_column_that_is_there_twice(checkout):
    change_numbers(checkout.path(RUN), lambda t: t.append_column("test_loss", t["test_loss"]))
    assert_only(checkout.audit(), Verdict.CHANGED, RUN)


def test_a_record_too_deep_to_be_read(checkout, tmp_path):
    table = pq.read_table(checkout.path(RUN)).replace_schema_metadata({"largebatch.record": DEEP})
    pq.write_table(table, checkout.path(RUN))
    assert_only(checkout.audit(), Verdict.CHANGED, RUN)
    copy = shutil.copy(checkout.path(RUN), tmp_path / "copy.parquet")
    with pytest.raises(UserError, match="it is truncated or damaged"):
        find_file(copy, checkout.root)


def test_a_sidecar_too_deep_to_be_read(checkout):
    checkout.path(SIDECAR).write_text(DEEP)
    assert_only(checkout.audit(), Verdict.CHANGED, SIDECAR.removesuffix(".json"))


@pytest.mark.parametrize("text", [DEEP, "no JSON"])
def test_a_dataset_whose_record_cannot_be_read(checkout, tmp_path, monkeypatch, text):
    path = checkout.path(DATA)
    tensors = load_file(path)
    monkeypatch.setattr(store_room, "canonical_json", lambda _: text)
    write_dataset(path, tensors, {}, read_dataset_record(path))
    assert blamed(checkout.audit("dots"), Verdict.CHANGED) == {DATA}
    copy = shutil.copy(path, tmp_path / "copy.safetensors")
    with pytest.raises(UserError, match="it cannot be read"):
        find_file(copy, checkout.root)


def test_a_header_of_a_dataset_too_deep_to_be_read(checkout):
    checkout.path(DATA).write_bytes(len(DEEP).to_bytes(8, "little") + DEEP.encode())
    assert blamed(checkout.audit(), Verdict.CHANGED) == {DATA}


def test_a_sidecar_with_files_that_are_not_its_own(checkout):
    """An export would copy them."""
    path = checkout.path(SIDECAR)
    sidecar, other = read_sidecar(path), path.with_name("fig1.html")
    shutil.copy(checkout.path(PICTURE), other)
    outputs = [*(path.with_name(name) for name in sidecar.outputs), other]
    write_sidecar(path, sidecar.record, sidecar.identity, outputs)
    assert faults(checkout.audit()) == {SIDECAR: "it names fig1.html, which no step writes there"}


def test_a_verdict_drawn_over_ours(checkout):
    checkout.reseal(hardware={"cpu": ESCAPE}, packages={"numpy": ESCAPE})
    text = full_text(checkout.audit(), everything=True)
    assert "\\x1b[2J" in text and "\\u202e" in text
    assert all(line.isprintable() for line in text.splitlines())
    checkout.change_study(title=ESCAPE)
    assert one_line(checkout.audit()).isprintable()


def test_a_command_in_the_name_of_an_input(checkout):
    """The repair is copied into a shell."""
    inputs = read_record(checkout.path(TABLE))["inputs"]
    names = ["results/tiny/runs/x; touch stolen #", "results/tiny/runs/x --snakefile evil"]
    inputs += ({"name": name, "table": ""} for name in names)
    checkout.reseal(name=TABLE, inputs=inputs)
    report = checkout.audit()
    assert blamed(report, Verdict.MISSING) == set(names)
    assert report.remake == [TABLE]
    assert report.repair == [f"snakemake fig1 --forcerun {TABLE} --config study=tiny"]


def test_a_run_that_is_a_hard_link_to_another(checkout):
    checkout.path(RUN).unlink()
    os.link(checkout.path(OTHER_RUN), checkout.path(RUN))
    assert_only(checkout.audit(), Verdict.CHANGED, RUN)


def test_a_link_out_of_the_tree_is_what_it_leads_to(checkout, tmp_path):
    shutil.move(checkout.path(RUN), tmp_path / "run.parquet")
    checkout.path(RUN).symlink_to(tmp_path / "run.parquet")
    assert checkout.audit().headline == "VERIFIED"
    shutil.copy(checkout.path(OTHER_RUN), tmp_path / "run.parquet")
    assert_only(checkout.audit(), Verdict.CHANGED, RUN)
    (tmp_path / "run.parquet").unlink()
    assert_only(checkout.audit(), Verdict.MISSING, RUN)


@pytest.mark.parametrize("name", [RUN, TABLE, PICTURE, SIDECAR, DATA])
def test_a_file_that_may_not_be_read(checkout, monkeypatch, name):
    """It is named, and so is the reason; all else is audited. (The superuser may read any.)"""

    def refuse(path, mode):
        if path == checkout.path(name):
            raise PermissionError(13, "Permission denied", str(path))
        return open(path, mode)

    monkeypatch.setattr(refusal, "open", refuse, raising=False)
    culprit = name.removesuffix(".json")
    assert faults(checkout.audit()) == {culprit: "it cannot be opened (Permission denied)"}


def test_a_table_written_by_hand(checkout):
    """The same numbers, but nothing says what made them."""
    table = pq.read_table(checkout.path(TABLE)).replace_schema_metadata(None)
    pq.write_table(table, checkout.path(TABLE))
    [(culprit, detail)] = faults(checkout.audit()).items()
    assert culprit == TABLE and detail.startswith("it has no `largebatch.record` in its footer")


def test_two_figures_exchanged_with_their_sidecars(checkout):
    figures = checkout.path(SIDECAR).parent
    for ending in ("pdf", "svg", "png", "json"):
        swap(figures / f"fig1.{ending}", figures / f"fig3.{ending}")
    for own, other in (("fig1", "fig3"), ("fig3", "fig1")):
        found = faults(checkout.audit(own))
        own, other = f"results/tiny/figures/{own}", f"results/tiny/figures/{other}"
        assert found == {own: f"it belongs to {other}, but was put in the place of {own}"}


@pytest.mark.parametrize("name", [RUN, TABLE, SIDECAR, DATA])
def test_a_device_in_the_place_of_a_file(checkout, name):
    """It would be read to its end, which a pipe or `/dev/zero` does not have."""
    checkout.path(name).unlink()
    checkout.path(name).symlink_to("/dev/null")
    assert [*faults(checkout.audit()).values()] == ["it is not a regular file"]
    if name in (RUN, DATA):
        copy = checkout.path(f"copy{checkout.path(name).suffix}")
        copy.symlink_to("/dev/null")
        with pytest.raises(UserError, match="it is not a regular file, and it does not lie below"):
            find_file(copy, checkout.root)


def test_links_to_themselves_in_the_place_of_files(checkout):
    copy = shutil.copy(checkout.path(RUN), checkout.path("copy.parquet"))
    for name in (RUN, SIDECAR):
        checkout.path(name).unlink()
        checkout.path(name).symlink_to(checkout.path(name))
    assert checkout.audit().verdict is Verdict.MISSING
    name, [found] = find_file(copy, checkout.root)
    assert (name, found.verdict) == (RUN, Verdict.CHANGED)
    with pytest.raises(UserError, match="which no figure in"):
        find_file(checkout.path(PICTURE), checkout.root)


def test_a_sidecar_with_other_ends_of_lines(checkout):
    path = checkout.path(SIDECAR)
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    assert_only(checkout.audit(), Verdict.CHANGED, SIDECAR.removesuffix(".json"))


def test_two_runs_renamed_into_each_other(checkout):
    path, other = checkout.path(RUN), checkout.path(OTHER_RUN)
    path.rename(path.with_suffix(".kept"))
    other.rename(path)
    path.with_suffix(".kept").rename(other)
    assert_only(checkout.audit(), Verdict.CHANGED, RUN, OTHER_RUN)


def test_a_footer_with_a_second_record(checkout):
    table = read_artefact(checkout.path(RUN)).table
    footer = {k: v for k, v in pq.read_metadata(checkout.path(RUN)).metadata.items()}
    with pq.ParquetWriter(checkout.path(RUN), table.schema) as writer:
        writer.write_table(table)
        writer.add_key_value_metadata(footer)
        writer.add_key_value_metadata({"largebatch.record": '{"name":"another"}'})
    assert_only(checkout.audit(), Verdict.CHANGED, RUN)


@pytest.mark.parametrize("option", ["--assume-unchanged", "--skip-worktree"])
def test_a_line_of_the_lock_that_git_was_told_to_overlook(checkout, option):
    lock(checkout.study, ["fig1"], checkout.root)
    name = "results/figures.lock"
    checkout.git("add", "-A")
    checkout.git("commit", "-qm", "lock")
    checkout.git("update-index", option, name)
    checkout.reseal(one_float)
    checkout.path(name).unlink()
    lock(checkout.study, ["fig1"], checkout.root)
    status = ["git", "status", "--porcelain"]
    assert not subprocess.run(status, cwd=checkout.root, capture_output=True, check=True).stdout
    assert_only(checkout.audit(), Verdict.STALE, name)


@pytest.mark.parametrize("digest", [[], {}, None])
def test_a_checksum_of_a_crate_that_is_none(checkout, tmp_path, digest):
    (tmp_path / "a").write_text("a")
    graph = {"@graph": [{"@id": "a", "sha256": digest}]}
    (tmp_path / "ro-crate-metadata.json").write_text(json.dumps(graph))
    (tmp_path / "manifest-sha256.txt").write_text("")
    assert verify_crate(tmp_path)
    (tmp_path / "manifest-sha256.txt").write_text(f"{'0' * 64}  a\n")
    assert f"{tmp_path}/a is not the file that was exported." in verify_crate(tmp_path)
    (tmp_path / "ro-crate-metadata.json").write_text(DEEP)
    assert "is not a readable crate" in verify_crate(tmp_path)[0]
