"""Claims, theory, measurements, maps and report are audited as figures are, with the same words."""

import random
from pathlib import Path

import pytest
from checkout import made_once
from damage import change_numbers, truncate
from files import RUN, TABLE
from official_validator import problems

from largebatch.audit import audited, verify_crate
from largebatch.audit.evidence import Reader
from largebatch.audit.pictures import picture_findings
from largebatch.audit.reading import load_chain
from largebatch.records import (
    read_artefact,
    read_sidecar,
    read_with_record,
    write_sidecar,
    write_table,
)
from largebatch.study import load_study

STALE, TAMPERED, MISSING = "STALE", "TAMPERED", "MISSING"
FIGURES = ["fig1", "fig3"]
EXACT = [
    "stability", "stationary_variance", "spectral_radius", "finite_population", "momentum_sums"
]  # fmt: skip
MADE = {  # all that stands beside the figures: its files without endings
    "claims": "results/tiny/claims",
    "T1": "results/tiny/theory/T1",
    "T3": "results/tiny/theory/T3",
    **{name: f"results/theory/{name}" for name in EXACT},
    "measured-fig1": "results/tiny/measured/fig1",
    "measured-fig3": "results/tiny/measured/fig3",
    **{f"map-{name}": f"results/tiny/maps/{name}" for name in ("gap", "heat", "reach")},
    "report": "results/tiny/report",
}
FROM_RUNS = [name for name in MADE if name.startswith(("claims", "measured", "map", "report"))]
FROM_NOTHING = [name for name in MADE if name not in FROM_RUNS]
FLIPS = 10  # of each subject


@pytest.fixture(scope="session")
def whole(made, tmp_path_factory):
    """The tiny study with all that the workflow can make of it."""

    def make(root: Path) -> None:
        checkout = made.copy(root)
        checkout.snakemake("claims", "theory", "maps", "report", "measured")

    return made_once(tmp_path_factory, "whole", make)


@pytest.fixture
def checkout(whole, tmp_path):
    return whole.copy(tmp_path / "checkout")


def verdicts(said) -> dict[str, str]:
    return {report["name"]: report["verdict"] for report in said.facts}


def bad(said) -> set[str]:
    return {name for name, verdict in verdicts(said).items() if verdict != "VERIFIED"}


def files(root: Path, name: str) -> list[Path]:
    stem = root / MADE[name]
    return sorted(stem.parent.glob(f"{stem.name}.*"))


def test_all_of_it_is_audited_and_stands(audit, largebatch):
    said = audit()
    assert said.code == 0 and list(verdicts(said)) == [*FIGURES, *MADE]
    assert {(r["intact"], r["current"]) for r in said.facts} == {("yes", "yes")}
    lines = largebatch("audit").out.splitlines()
    assert len({line.index("VERIFIED") for line in lines}) == 1 and len(lines) == 2 + len(MADE)


def test_the_chain_of_the_claims_goes_down_to_the_data(largebatch):
    said = largebatch("audit", "claims")
    assert said.code == 0
    for line in (
        "page         claims.md",
        "table        results/tiny/claims.parquet",
        "             results/tiny/measured/fig1.parquet",
        "             results/tiny/tables/fig1.parquet",
        "data         results/data/digits.safetensors",
        "settings     config/studies/tiny.yaml data",
        "             config/claims.yaml claims",
    ):
        assert line in said.out, said.out


def test_what_was_never_made_is_not_missed(made, whole):
    assert audited(load_study("tiny", made.root), made.root) == FIGURES
    assert audited(load_study("tiny", whole.root), whole.root) == [*FIGURES, *MADE]


def test_what_is_left_of_it_is_missed(checkout, audit):
    """Rules make several at once: while one is there, all of them should be."""
    for name in ("T1", "claims", "map-gap"):
        for path in files(checkout.root, name):
            path.unlink()
    said = verdicts(audit())
    assert (said["T1"], said["map-gap"]) == (MISSING, MISSING) and "claims" not in said


def test_the_lock_misses_all(checkout, largebatch, audit):
    assert largebatch("audit", "--lock").code == 0
    keys = (checkout.root / "results/figures.lock").read_text().split()[1::2]
    assert {"tiny/fig1", "tiny/claims", "tiny/T1", "theory/stability"} <= set(keys)
    for path in files(checkout.root, "claims"):
        path.unlink()
    assert verdicts(audit())["claims"] == MISSING


@pytest.mark.parametrize(
    "name", ["claims", "T1", "stability", "measured-fig1", "map-gap", "report"]
)
def test_each_file_of_it_is_missed_and_looked_into(checkout, audit, name):
    for path in files(checkout.root, name):
        whole = path.read_bytes()
        culprit = str(path.relative_to(checkout.root)).removesuffix(".json")
        path.unlink()
        said = audit(name)
        assert (said.code, said.blamed) == (2, {culprit: MISSING})
        path.write_bytes(whole)
        truncate(path)
        assert audit(name).blamed == {culprit: TAMPERED}
        path.write_bytes(whole)
    assert audit(name).code == 0


def intact(study, root: Path, name: str) -> bool:
    """The audit's links that look at bytes alone; the others could only find more."""
    chain = load_chain(name, Reader(study, root))
    return not chain.findings and picture_findings(chain)[0].verdict == "intact"


def test_no_flip_goes_unseen(checkout):
    """One bit anywhere in its files; where it lies in a run or data, `test_flipped_bits` looks."""
    study, draw = load_study("tiny", checkout.root), random.Random(0)
    for name in MADE:
        for path in draw.choices(files(checkout.root, name), k=FLIPS):
            whole = path.read_bytes()
            flipped = bytearray(whole)
            place, bit = draw.randrange(len(whole)), draw.randrange(8)
            flipped[place] ^= 1 << bit
            path.write_bytes(flipped)
            assert not intact(study, checkout.root, name), f"{path}: bit {bit} of byte {place}"
            path.write_bytes(whole)
        assert intact(study, checkout.root, name)


def test_a_flipped_run_is_found_under_all_that_was_made_from_it(checkout, audit):
    path = checkout.root / RUN
    content = bytearray(path.read_bytes())
    content[len(content) // 3] ^= 1
    path.write_bytes(content)
    assert bad(audit()) == {*FIGURES, *FROM_RUNS}
    for name in FROM_RUNS:
        found = audit(name).facts["findings"]  # once, however many tables were made from it
        wrong = [f for f in found if f["verdict"] in (STALE, TAMPERED, MISSING)]
        assert [(f["culprit"], f["verdict"]) for f in wrong] == [(RUN, TAMPERED)]


def test_a_table_made_again_makes_stale_what_was_made_from_it(checkout, largebatch, audit):
    assert largebatch("table", "fig1").code == largebatch("figure", "fig1").code == 0
    said = verdicts(audit())
    assert {name for name in said if said[name] == STALE} == {"measured-fig1", *_with_measured()}
    assert audit("claims").blamed == audit("report").blamed == {TABLE: STALE}


def _with_measured() -> set[str]:
    return {name for name in FROM_RUNS if not name.startswith("measured")}


@pytest.mark.parametrize(
    ("module", "stale"),
    [
        ("study/schedule.py", {*FIGURES, *FROM_RUNS, "T1", "T3"}),
        ("models/dense.py", {*FIGURES, *FROM_RUNS}),
        ("kernels/lstm_recurrence.py", set(FROM_RUNS)),  # measurements are of all kinds of model
        ("analysis/theory/noisy_quadratic.py", {"T1", "T3"}),
        ("analysis/theory/mean_square.py", set(EXACT)),
        ("analysis/claims/page.py", {"claims", "report"}),
        ("figures/hover.py", {"report"}),
        ("analysis/measure/noise.py", set(FROM_RUNS)),
        ("analysis/maps/gap.py", {"map-gap", "map-heat", "map-reach"}),
        ("figures/marks.py", {*FIGURES, *MADE} - {"claims"}),
        ("cli/theory.py", set()),
    ],
)
def test_code_makes_stale_what_it_computes_and_nothing_else(checkout, audit, module, stale):
    checkout.append(f"src/largebatch/{module}", "\nSIZE = 9\n")
    said = audit()
    assert bad(said) == stale and said.code == (1 if stale else 0)


def test_the_ledger_makes_the_claims_stale(checkout, audit):
    ledger = checkout.root / "config/claims.yaml"
    ledger.write_text(ledger.read_text().replace("alpha: 0.05", "alpha: 0.1"))
    assert bad(audit()) == {"claims", "report"}
    assert audit("claims").blamed == {"ledger.alpha: 0.05 -> 0.1": STALE}


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
    assert "report shows what has crates of its own" in largebatch("crate", "report").err


@pytest.mark.parametrize(
    "name", ["T1.svg", "claims.md", "stability.png", "measured-fig1.pdf", "report.html"]
)
def test_a_renamed_copy_is_found(checkout, audit, tmp_path, name):
    subject, _, ending = name.partition(".")
    copy = tmp_path / f"For the talk.{ending}"
    copy.write_bytes((checkout.root / f"{MADE[subject]}.{ending}").read_bytes())
    said = audit(copy)
    assert (said.code, said.facts["name"]) == (0, subject)


def test_crates_of_claims_and_theory(checkout, largebatch, tmp_path):
    for name in ("claims", "T1"):
        assert largebatch("crate", name).code == 0
        crate = checkout.root / f"results/tiny/crates/{name}"
        assert problems(crate, tmp_path) == [] == verify_crate(crate)
        assert all(
            (crate / f.relative_to(checkout.root)).is_file() for f in files(checkout.root, name)
        )
    assert (checkout.root / "results/tiny/crates/claims" / RUN).is_file()


def test_numbers_changed_under_their_digest_are_found(checkout, audit):
    change_numbers(checkout.root / "results/tiny/measured/fig1.parquet", lambda t: t.slice(1))
    assert bad(audit()) == {"measured-fig1", *_with_measured()}
