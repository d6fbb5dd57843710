"""Damage to and forgery of what stands beside the figures: the verdict, the culprit, the repair."""

import pytest
from beside import FIGURES, FROM_MEASURED, FROM_RUNS, MISSING, STALE, TAMPERED, bad, files
from damage import change_numbers
from files import RUN

from largebatch.records import (
    read_artefact,
    read_sidecar,
    read_with_record,
    write_sidecar,
    write_table,
)
from largebatch.study import load_study


@pytest.fixture
def checkout(whole, tmp_path):
    return whole.copy(tmp_path / "checkout")


@pytest.mark.parametrize(
    "name", ["claims", "T1", "stability", "measured-fig1", "map-gap", "report"]
)
def test_each_file_of_it_is_missed(checkout, audit, name):
    """And each is looked into (`test_flipped_bits`)."""
    for path in files(checkout.root, name):
        whole = path.read_bytes()
        culprit = str(path.relative_to(checkout.root)).removesuffix(".json")
        path.unlink()
        said = audit(name)
        assert (said.code, said.blamed) == (2, {culprit: MISSING})
        path.write_bytes(whole)
    assert audit(name).code == 0


def test_a_flipped_run_is_found_under_all_that_was_made_from_it(checkout, audit):
    path = checkout.root / RUN
    content = bytearray(path.read_bytes())
    content[len(content) // 3] ^= 1
    path.write_bytes(content)
    said = audit()
    assert bad(said) == {*FIGURES, *FROM_RUNS}
    for report in said.facts:  # once, however many tables were made from it
        wrong = [f for f in report["findings"] if f["verdict"] in (STALE, TAMPERED, MISSING)]
        found = [(f["culprit"], f["verdict"]) for f in wrong]
        assert found == [(RUN, TAMPERED)] * (report["name"] in bad(said))


def test_numbers_changed_under_their_digest_are_found(checkout, audit):
    change_numbers(checkout.root / "results/tiny/measured/fig1.parquet", lambda t: t.slice(1))
    assert bad(audit()) == {"measured-fig1", *FROM_MEASURED}


def test_the_repair_repairs(checkout, audit):
    page = checkout.root / "results/tiny/claims.md"
    page.write_text(page.read_text().replace("contradicted", "supported"))
    said = audit("claims")
    assert said.blamed == {"results/tiny/claims.md": TAMPERED}
    [repair] = said.facts["repair"]
    expected = "snakemake claims --forcerun results/tiny/claims.md --config study=tiny"
    assert repair == expected
    checkout.snakemake(*repair.split()[1:])
    assert audit("claims").code == 0


def test_rebuilt_to_the_same_bytes(audit):
    said = audit("--rebuild")
    assert said.code == 0
    for report in said.facts:
        [found] = [f for f in report["findings"] if f["link"] == "rebuilt"]
        assert found["verdict"] == "intact" and "identical bytes" in found["detail"]


def test_only_rebuilding_shows_a_thorough_forgery(checkout, audit):
    """The claims' table changed, and the page made from it, with all their digests."""
    from largebatch.analysis.claims.write import write_page

    path = checkout.root / "results/tiny/claims.parquet"
    table, record = read_with_record(path)
    forged = table.set_column(3, table.schema.field(3), [["supported"] * table.num_rows])
    write_table(path, forged, record)
    write_page(load_study("tiny", checkout.root), checkout.root, read_artefact(path))
    assert audit("claims").code == 0
    said = audit("claims", "--rebuild")
    assert said.blamed == {"results/tiny/claims.parquet": TAMPERED}


def test_only_rebuilding_shows_a_forged_page(checkout, audit):
    """The report by hand, and its sidecar written over it."""
    page, path = (checkout.root / f"results/tiny/report.{end}" for end in ("html", "json"))
    page.write_text(page.read_text().replace("contradicted", "supported"))
    assert audit("report").blamed == {"results/tiny/report.html": TAMPERED}
    sidecar = read_sidecar(path)
    write_sidecar(path, sidecar.record, sidecar.identity, [page])
    assert audit("report").code == 0
    assert audit("report", "--rebuild").blamed == {"report.html": TAMPERED}


def test_the_report_shows_what_stands_there(checkout, largebatch, audit):
    """Pictures of another drawing, with all their digests: the page still holds the first."""
    svg, path = (checkout.root / f"results/tiny/figures/fig1.{end}" for end in ("svg", "json"))
    svg.write_text(svg.read_text().replace("</svg>", "<!-- --></svg>"))
    sidecar = read_sidecar(path)
    write_sidecar(path, sidecar.record, sidecar.identity, map(path.with_name, sidecar.outputs))
    assert audit("report").blamed == {"results/tiny/figures/fig1.svg": STALE}
    assert "only shows outputs that have crates of their own" in largebatch("crate", "report").err
