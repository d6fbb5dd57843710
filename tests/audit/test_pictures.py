"""Pictures: changed, stripped, renamed, exchanged."""

import shutil

import pytest
from damage import change_pixel, nudged, strip_metadata
from verdicts import PICTURE, SIDECAR, assert_only, faults

from largebatch.audit import Verdict, find_file
from largebatch.errors import UserError
from largebatch.records import mark, read_artefact, read_sidecar, write_sidecar


def test_one_pixel_is_found(checkout):
    change_pixel(checkout.path(PICTURE))
    assert_only(checkout.audit(), Verdict.CHANGED, PICTURE)
    assert [f.verdict for f in find_file(checkout.path(PICTURE), checkout.root)[1]] == [
        Verdict.CHANGED
    ]


@pytest.mark.parametrize("suffix", ["png", "pdf"])
def test_a_renamed_copy_is_found_by_its_identity(checkout, tmp_path, suffix):
    copy = tmp_path / f"for the talk.{suffix}"
    shutil.move(checkout.path(f"results/tiny/figures/fig3.{suffix}"), copy)
    stem, [found] = find_file(copy, checkout.root)
    assert (stem, found.verdict) == ("results/tiny/figures/fig3", Verdict.INTACT)
    assert checkout.audit("fig3", also=[found]).headline == "MISSING"


def test_a_picture_without_metadata_is_found_only_in_its_place(checkout, tmp_path):
    strip_metadata(checkout.path(PICTURE))
    stem, [found] = find_file(checkout.path(PICTURE), checkout.root)
    assert (stem, found.verdict) == ("results/tiny/figures/fig1", Verdict.CHANGED)
    shutil.move(checkout.path(PICTURE), tmp_path / "a.png")
    with pytest.raises(UserError, match="carries no largebatch identity"):
        find_file(tmp_path / "a.png", checkout.root)


def test_a_picture_in_the_place_of_another_is_not_taken_for_its_own(checkout):
    shutil.copy(checkout.path("results/tiny/figures/fig3.png"), checkout.path(PICTURE))
    stem, [found] = find_file(checkout.path(PICTURE), checkout.root)
    assert (stem, found.verdict) == ("results/tiny/figures/fig1", Verdict.CHANGED)


def test_a_copy_under_the_name_of_another_figure_is_found_by_its_identity(checkout, tmp_path):
    shutil.copy(checkout.path("results/tiny/figures/fig3.png"), tmp_path / "fig1.png")
    stem, [found] = find_file(tmp_path / "fig1.png", checkout.root)
    assert (stem, found.verdict) == ("results/tiny/figures/fig3", Verdict.INTACT)


def test_a_page_beside_the_folders_of_its_study_is_found(checkout):
    page = checkout.path("results/tiny/claims.md")
    page.write_text(mark("c" * 64))
    sidecar = read_sidecar(checkout.path(SIDECAR))
    record = sidecar.record | {"name": "results/tiny/claims"}
    write_sidecar(page.with_suffix(".json"), record, "c" * 64, [page])
    stem, [found] = find_file(page, checkout.root)
    assert (stem, found.verdict) == ("results/tiny/claims", Verdict.INTACT)


def test_a_copy_of_the_results_hides_nothing(checkout):
    """Of `cp -r results/tiny results/backup`, the files of the study are meant, not the copy's."""
    shutil.copytree(checkout.path("results/tiny"), checkout.path("results/backup"))
    stem, [found] = find_file(checkout.path(PICTURE), checkout.root)
    assert (stem, found.verdict) == ("results/tiny/figures/fig1", Verdict.INTACT)


def test_an_older_drawing_is_not_taken_for_the_new_one(checkout, tmp_path):
    shutil.copy(checkout.path(PICTURE), tmp_path / "old.png")
    checkout.change_study(title="Dots, again")
    checkout.remake()
    with pytest.raises(UserError, match=r"which no figure in .* has now"):
        find_file(tmp_path / "old.png", checkout.root)
    with pytest.raises(UserError, match="does not exist"):
        find_file(tmp_path / "none.png", checkout.root)


def test_a_sidecar_written_anew_for_another_picture_is_found(checkout):
    """Digests all fit, but the identity does not follow from table, code and settings."""
    path = checkout.path(SIDECAR)
    sidecar = read_sidecar(path)
    outputs = [path.with_name(name) for name in sidecar.outputs]
    write_sidecar(path, sidecar.record, "0" * 64, outputs)
    report = checkout.audit()
    assert report.headline == "TAMPERED"
    assert any("identity does not follow" in finding.detail for finding in report.findings)


def test_a_picture_that_the_sidecar_leaves_out_is_found(checkout):
    """Digests and identity all fit, and the picture without a digest is another one."""
    path = checkout.path(SIDECAR)
    sidecar = read_sidecar(path)
    write_sidecar(path, sidecar.record, sidecar.identity, [path.with_suffix(".png")])
    path.with_suffix(".pdf").write_text("another")
    report = checkout.audit(build=checkout.build_of, draw=checkout.draw_of)
    bad = {f.link: f.detail for f in report.findings if f.verdict is Verdict.CHANGED}
    assert bad["figure"] == "it has no digest of fig1.pdf, fig1.svg"
    assert bad["rebuilt"] == "not the same when made again"


def test_a_table_exchanged_under_the_figure_is_found(checkout):
    """fig1's sidecar and pictures drawn from another table than the one that is there."""
    table = checkout.path("results/tiny/tables/fig1.parquet")
    before = table.read_bytes()
    run = checkout.study.runs_of("fig1")[0]
    checkout.train_all([run], start=150.0)
    checkout.table("fig1", start=290.0)
    assert read_artefact(table).table_digest
    report = checkout.audit()
    assert report.headline == "TAMPERED"  # finished before the drawing began, yet not what it used
    table.write_bytes(before)
    assert checkout.audit().headline == "TAMPERED"


def test_pictures_of_another_drawing_under_their_own_digests(checkout):
    path = checkout.path(SIDECAR)
    sidecar = read_sidecar(path)
    outputs = [path.with_suffix(f".{ending}") for ending in ("png", "pdf", "svg")]
    for output in outputs:
        output.write_bytes(output.with_name(f"fig3{output.suffix}").read_bytes())
    write_sidecar(path, sidecar.record, sidecar.identity, outputs)
    assert set(faults(checkout.audit())) == {
        f"results/tiny/figures/fig1.{ending}" for ending in ("png", "pdf", "svg")
    }
    assert "identity of another drawing" in faults(checkout.audit())[PICTURE]


def test_old_pictures_kept_over_a_new_table(checkout):
    """Their identity follows from the sidecar's first input, a table that is not there any more."""
    path = checkout.path(SIDECAR)
    old = read_sidecar(path)
    pictures = {path.with_name(name): path.with_name(name).read_bytes() for name in old.outputs}
    checkout.reseal(nudged)
    for picture, content in pictures.items():
        picture.write_bytes(content)
    first = {**old.record["inputs"][0], "name": "results/tiny/tables/fig3.parquet"}
    record = read_sidecar(path).record
    record["inputs"].insert(0, first)
    write_sidecar(path, record, old.identity, pictures)
    assert "identity does not follow" in faults(checkout.audit())[SIDECAR]
