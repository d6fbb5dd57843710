"""The page with all figures needs no other file and shows only what was drawn."""

import json
import re
import shutil
from base64 import b64decode
from dataclasses import replace
from html import unescape
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from synthetic_runs import write_runs

from largebatch.analysis.claims.evaluate import SCHEMA
from largebatch.analysis.tables import write_figure_table
from largebatch.errors import UserError
from largebatch.figures.draw import draw
from largebatch.figures.hover import spots
from largebatch.figures.report import report_page, write_report
from largebatch.records import read_artefact, read_sidecar, read_table, write_table
from largebatch.study import load_study


@pytest.fixture(scope="module")
def module(tmp_path_factory):
    demo, root = load_study("demo"), tmp_path_factory.mktemp("page")
    of = replace(demo, figures={"fig2": replace(demo.figures["fig2"], paper_optimum=1.0)})
    write_runs(of, root)
    write_figure_table(of, "fig2", root)
    draw(of, "fig2", root)
    return of, root


@pytest.fixture
def small(module, tmp_path):
    """A study of one figure, drawn, in a folder to be spoilt."""
    of, root = module
    return of, Path(shutil.copytree(root, tmp_path / "copy"))


class Loads(HTMLParser):
    """Every address that a browser would follow or load."""

    def __init__(self, page: str):
        super().__init__()
        self.found: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.found += [value for name, value in attrs if name in ("src", "href", "srcset", "data")]


def test_the_page_is_the_same_in_every_locale(small, monkeypatch):
    page = report_page(*small)
    monkeypatch.setattr("io.text_encoding", lambda encoding, *_: encoding or "latin-1")
    assert report_page(*small) == page


def test_the_page_loads_nothing(small):
    page = report_page(*small)
    loads = Loads(page).found
    assert loads == ["#fig2", loads[1]]
    assert loads[1].startswith("data:image/svg+xml;base64,")
    assert not re.search(r"https?:|@import|url\(|fetch\(", page)


def test_the_picture_is_the_file(small):
    of, root = small
    (content,) = re.findall(r"base64,([^\"]+)", report_page(of, root))
    assert b64decode(content) == (root / "results/demo/figures/fig2.svg").read_bytes()


def test_the_words_around_it(small):
    of, root = small
    write_claims(root)
    page = report_page(of, root, {"fig2": "VERIFIED; no <notes>"})
    assert '<p class="verdict">VERIFIED; no &lt;notes&gt;</p>' in page
    assert "its one part holds: p &lt; 0.05" in page
    assert f'<p class="notice">{of.notice}</p>' in page
    title = of.figures["fig2"].title
    assert f"<b>fig2.</b> {title}. Top: final training loss and test accuracy" in page
    assert "(the paper&#x27;s optimum: 1)" in page


@pytest.mark.parametrize(
    ("git", "commit"),
    [
        (None, ""),
        ({"commit": "566aebb0123", "dirty": False}, ", commit 566aebb"),
        ({"commit": "566aebb0123", "dirty": True}, ", commit 566aebb, with uncommitted changes"),
    ],
)
def test_a_verdict_says_when_and_at_which_commit_it_held(small, monkeypatch, git, commit):
    of, root = small
    facts = {"git": git} if git else {}
    monkeypatch.setattr("largebatch.figures.report.snapshot", lambda step, root: (facts, b""))
    monkeypatch.setattr("largebatch.figures.report.time.time", lambda: 1.8e9)
    path = write_report(of, root, {"fig2": "VERIFIED"})
    words = f"VERIFIED (audited 2027-01-15 08:00 UTC{commit})"
    assert f'<p class="verdict">{words}</p>' in path.read_text()
    kept = read_sidecar(path.with_suffix(".json")).record["facts"]["verdicts"]
    assert report_page(of, root, kept) == path.read_text()  # made again on another day


def test_each_verdict_stands_where_its_output_does(small):
    of, root = small
    write_claims(root)
    page = report_page(of, root, {"fig2": "VERIFIED", "claims": "STALE; code"})
    assert page.count('class="verdict"') == 2
    figure, claims = page.split('<h2 id="claims">')
    assert '<p class="verdict">VERIFIED</p>' in figure
    assert '<p class="verdict">STALE; code</p>' in claims


def test_without_audit_and_claims_the_page_does_not_speak_of_them(small):
    page = report_page(*small)
    assert 'class="verdict"' not in page and 'id="claims"' not in page and "#claims" not in page


def test_equal_figures_give_an_equal_page(small):
    of, root = small
    assert write_report(of, root).read_text() == report_page(of, root)
    assert (root / "results/demo/report.html").is_file()


def test_an_unfinished_page_tells_of_figures_without_a_table(small):
    of, root = small
    more = replace(of, figures={**of.figures, "fig1": load_study("demo").figures["fig1"]})
    with pytest.raises(UserError, match=r"fig1\.parquet: it does not exist"):
        report_page(more, root)
    page = report_page(more, root, unfinished=True)
    assert f"<b>fig1.</b> {more.figures['fig1'].title}: it has no run yet." in page
    assert page.count("base64,") == 1


def test_a_picture_of_another_table_is_refused(small):
    of, root = small
    (root / of.runs_of("fig2")[0].path).unlink()
    write_figure_table(of, "fig2", root, unfinished=True)
    with pytest.raises(UserError, match=r"fig2\.svg: it was not drawn.*`snakemake fig2 "):
        report_page(of, root)


@pytest.mark.parametrize("file", ["figures/fig2.svg", "figures/fig2.json", "claims.parquet"])
def test_what_was_changed_by_hand_is_not_shown(small, file):
    of, root = small
    write_claims(root)
    assert "p &lt; 0.05" in report_page(of, root)
    with (root / "results/demo" / file).open("a") as changed:
        changed.write("\n")
    with pytest.raises(UserError, match=f"{file}: it"):
        report_page(of, root)


def test_claims_are_a_table_with_a_verdict_in_words_and_links_to_their_figures(small):
    of, root = small
    write_claims(root)
    page = report_page(of, root)
    assert '<a href="#claims">claims</a>' in page and '<h2 id="claims">' in page
    assert page.count('<th scope="col">') == 6 and page.count("<td>") == 2 * 5
    one, two = (re.search(rf'<tr id="{id}">.*?</tr>', page, re.DOTALL)[0] for id in ("C1", "C2"))
    assert '<b class="supported">supported</b>' in one and '<b class="not-run">not run</b>' in two
    assert "-50 % [-100, inf]<br><small>seeds: 2</small>" in one and "[" not in two
    assert 'Needs <a href="#fig2">fig2/1</a>, fig8: 20 runs, 1 diverged.' in one
    assert "2 statements: 1 supported, 0 contradicted, 0 undecided, 1 not run." in page
    for shape in ("supported", "contradicted", "undecided", "not-run"):
        assert f".claims .{shape} {{" in page


def test_the_record_of_the_page_names_the_claims_that_it_shows(small):
    of, root = small
    write_claims(root)
    record = read_sidecar(write_report(of, root).with_suffix(".json")).record
    names = [f"results/demo/{name}.parquet" for name in ("tables/fig2", "claims")]
    assert [source["name"] for source in record["inputs"]] == names
    assert record["inputs"][1] == read_artefact(root / names[1]).as_input
    assert list(record["facts"]["shows"]) == ["results/demo/figures/fig2.svg"]


def write_claims(root: Path) -> None:
    nothing = dict.fromkeys(SCHEMA.names)
    stated = {"statement": "So it is.", "place": "sec. 3", "paper": "so"}
    one = {"verdict": "supported", "reason": "its one part holds: p < 0.05", "needs": "fig2/1 fig8"}
    one |= {"estimate": -0.5, "low": -1.0, "high": np.inf, "unit": "%", "n": 2}
    one |= {"runs": 20, "diverged": 1}
    two = {"verdict": "not run", "reason": "there is no run", "needs": "fig8"}
    rows = [nothing | stated | one | {"id": "C1"}, nothing | stated | two | {"id": "C2"}]
    name = "results/demo/claims.parquet"
    table = pa.Table.from_pylist(rows, schema=SCHEMA)
    write_table(root / name, table, {"name": name, "settings": {}})


def test_the_numbers_under_the_mouse_are_the_table(small):
    of, root = small
    page = report_page(of, root)
    found = json.loads(unescape(re.search(r'data-spots="([^"]+)"', page)[1]))
    table = read_table(root / "results/demo/tables/fig2.parquet").to_pylist()
    shown = [numbers_in_the_unit_of_the_axis(row) for row in table]
    assert sorted(map(repr, (spot[3:] for spot in found))) == sorted(map(repr, shown))


def numbers_in_the_unit_of_the_axis(row: dict) -> list:
    per_cent = row["metric"] == "test_accuracy"
    values = [row["mean"], row["std"]]
    if per_cent:
        values = [None if value is None else 100 * value for value in values]
    return [*values, row["n"], row["diverged"], per_cent]


@pytest.mark.parametrize("figure", ["fig1", "fig3", "fig7"])
def test_spots_lie_on_their_marks(drawn, figure):
    sheet = drawn[figure].sheet
    found = spots(sheet)
    assert len(found) == sum(len(line.x) for _, lines, *_ in sheet.shown for line in lines.values())
    places = np.array([spot[:2] for spot in found])
    assert places.min() > 0 and places.max() < 1
    ax, lines, *_ = sheet.shown[0]
    line = lines["sgd"]
    x, y = ax.transData.transform((line.x[0], line.mean[0])) / sheet.figure.bbox.size
    np.testing.assert_allclose(found[0][:2], (x, 1 - y), atol=1e-3)


def test_spots_say_what_they_are_at_as_the_axes_do(drawn):
    said = {words for _, _, words, *_ in spots(drawn["fig1"].sheet)}
    assert {"SGD at effective rate 1/64", "momentum 0.9 at effective rate 2"} <= said
    assert {"SGD at epoch 0", "momentum 0.9 at epoch 200"} <= said


def test_spots_are_plain_json(drawn):
    text = json.dumps(spots(drawn["fig7"].sheet), allow_nan=False)
    assert len(text) < 120_000
