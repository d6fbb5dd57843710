"""Whole ledgers: the demo's run layout, what is missing, what is written, what is refused."""

import pyarrow.parquet as pq
import pytest
import yaml

from claims.synthetic import World, write_runs
from largebatch.analysis.claims.bench import Bench, needed_files
from largebatch.analysis.claims.evaluate import CHECKS, SCHEMA, evaluate, judged
from largebatch.analysis.claims.ledger import LEDGER, read_ledger
from largebatch.analysis.claims.write import write_claims
from largebatch.errors import UserError
from largebatch.records import (
    file_digest,
    find_mark,
    identity_of,
    read_artefact,
    read_record,
    read_sidecar,
)
from largebatch.study import load_study

VERDICTS = {"supported", "contradicted", "undecided", "not run"}


def by_id(table) -> dict[str, dict]:
    return {row["id"]: row for row in table.to_pylist()}


def test_every_claim_is_evaluable_on_the_demo_and_speaks_of_its_scale(demo, root):
    table = evaluate(demo, root)
    assert table.schema == SCHEMA and table.num_rows == 36
    rows = table.to_pylist()
    assert {row["scope"] for row in rows} == {"at this scale"}
    assert {row["verdict"] for row in rows} <= VERDICTS
    for row in rows:
        assert row["reason"] and (row["open"] is not None) == (row["verdict"] == "undecided")
    not_run = {row["id"] for row in rows if row["verdict"] == "not run"}
    assert not_run == {f"C{i}" for i in (12, 21, 22, 23, 26, 27, 28, 29, 30, 31, 32, 34, 35)}
    (c12,) = (row["reason"] for row in rows if row["id"] == "C12")
    assert c12.endswith("fig2 has 1 within 2.5 to 50 % of its 5 epochs")


def test_a_faithful_study_speaks_of_the_paper_and_an_absolute_rate_is_then_decided(root):
    (root / "config/studies/few.yaml").write_text("extends: paper\nseeds: [0, 1, 2]\n")
    study = load_study("few", root)
    write_runs(study, root, World(optimum=-7, threshold=3.5), study.runs_of("fig1"))
    rows = by_id(evaluate(study, root))
    assert rows["C7"]["scope"] == "the paper" and rows["C7"]["verdict"] == "supported"
    assert rows["C8"]["verdict"] == rows["C9"]["verdict"] == "supported"
    assert rows["C7"]["runs"] == 66 and rows["C7"]["n"] == 3
    assert rows["C1"]["verdict"] == "not run"


def test_without_runs_no_kind_of_test_is_run(root):
    study = load_study("paper", root)
    rows = evaluate(study, root).to_pylist()
    assert {row["verdict"] for row in rows} == {"not run"}
    assert all(row["reason"] and row["open"] is None and row["low"] is None for row in rows)
    used = {check["test"] for claim in read_ledger(root).claims for check in claim.checks}
    assert used == {*CHECKS, "untested"}


def test_one_missing_run_and_its_claims_are_not_run(demo, root):
    before = by_id(evaluate(demo, root))
    run = demo.runs_of("fig6")[3]
    (root / run.path).unlink()
    after = by_id(evaluate(demo, root))
    reason = after["C19"]["reason"]
    assert f"1 of {len(demo.runs_of('fig6'))} runs are missing" in reason and run.path in reason
    changed = {id for id in after if after[id] != before[id]}
    concerned = {id for id, row in before.items() if "fig6" in row["needs"].split()}
    assert changed == {id for id in concerned if before[id]["verdict"] != "not run"}
    assert {after[id]["verdict"] for id in changed} == {"not run"}


def test_all_runs_of_a_claim_are_read_even_if_its_first_sweep_cannot_be_tested(demo, root):
    """The table is made from just those files that the workflow waits for."""
    ledger = yaml.safe_load((root / LEDGER).read_text())
    check = {"test": "better", "sweeps": ["fig1", "fig2"], "first": "momentum-0.99"}
    ledger["claims"] = {"C1": ledger["claims"]["C1"] | {"checks": [check]}}
    (root / LEDGER).write_text(yaml.safe_dump(ledger))
    bench = Bench(demo, root)
    (row,) = judged(bench).to_pylist()
    assert "fig1 has no momentum-0.99" in row["reason"]
    runs = {run.path for figure in ("fig1", "fig2") for run in demo.runs_of(figure)}
    assert {source["name"] for source in bench.inputs} == set(needed_files(demo, root)) == runs


def test_runs_and_divergences_are_counted(demo, root):
    row = by_id(evaluate(demo, root))["C7"]
    inputs = [read_artefact(root / run.path) for run in demo.runs_of("fig1")]
    assert row["run_digests"].split() == [artefact.table_digest for artefact in inputs]
    assert row["runs"] == len(inputs)
    assert row["diverged"] == sum(a.record["status"] == "diverged" for a in inputs) > 0


def test_a_changed_run_is_refused(demo, root):
    path = root / demo.runs_of("fig1")[0].path
    table, footer = pq.read_table(path), pq.read_metadata(path).metadata
    losses = table["test_accuracy"].to_pylist()
    losses[-1] += 1e-9
    forged = table.set_column(6, "test_accuracy", [losses])
    with pq.ParquetWriter(path, forged.schema) as writer:
        writer.write_table(forged)
        writer.add_key_value_metadata({k.decode(): v.decode() for k, v in footer.items()})
    with pytest.raises(UserError, match="its numbers are not the ones recorded"):
        evaluate(demo, root)


def test_a_single_seed_leaves_everything_open(root):
    (root / "config/studies/one.yaml").write_text("extends: demo\nseeds: [0]\n")
    study = load_study("one", root)
    write_runs(study, root, World(optimum=-7, edge={"sgd": 3, "momentum": 5}))
    rows = evaluate(study, root).to_pylist()
    assert {row["verdict"] for row in rows} == {"undecided", "not run"}
    assert {row["open"] for row in rows} <= {"seeds", "grid", "scale", None}


def test_files_carry_a_record_and_are_the_same_every_time(demo, root):
    table, page, sidecar = write_claims(demo, root).values()
    record = read_record(table)
    assert record["kind"] == "claims" and record["name"] == "results/demo/claims.parquet"
    assert record["code"]["step"] == "claims"
    assert record["settings"]["study"]["faithful"] is False
    assert len(record["inputs"]) == len({run for f in demo.figures for run in demo.runs_of(f)})
    first, shown = read_artefact(table), read_sidecar(sidecar, "results/demo/claims")
    assert shown.record["inputs"] == [first.as_input]
    assert shown.outputs == {"claims.md": file_digest(page)}
    assert shown.identity == identity_of(shown.record) == find_mark(page)
    text = page.read_text()
    write_claims(demo, root)
    assert read_artefact(table).table_digest == first.table_digest
    assert page.read_text() == text and first.table_digest in text
    assert not list(table.parent.glob(".*"))


def test_the_page_shows_every_claim_beside_the_paper_s_value(demo, root):
    text = write_claims(demo, root)["md"].read_text()
    for row in evaluate(demo, root).to_pylist():
        (line,) = (line for line in text.splitlines() if line.startswith(f"| {row['id']} |"))
        assert row["paper"] in line and f"**{row['verdict']}**" in line
    assert "at this scale" in text and demo.notice in text
