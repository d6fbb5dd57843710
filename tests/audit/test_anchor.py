"""The committed digests: what catches someone who rewrites everything."""

import shutil
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import pyarrow as pa
import pytest

from largebatch.audit import Verdict, audit_study, audited, lock
from largebatch.audit.checkout import anchor_lines
from largebatch.errors import UserError


def anchor(checkout, *figures):
    lock(checkout.study, figures, checkout.root)


def verdict(report) -> Verdict:
    return next(finding.verdict for finding in report.findings if finding.link == "anchor")


def test_without_a_line_nothing_is_claimed(checkout):
    assert verdict(checkout.audit()) is Verdict.UNCHECKED
    anchor(checkout, "fig3")
    assert verdict(checkout.audit()) is Verdict.UNCHECKED


def test_a_chain_with_a_run_that_cannot_be_read_is_not_compared(checkout):
    """The repair would end with `--lock`, which is refused until the run is there again."""
    anchor(checkout, "fig1")
    checkout.path(checkout.study.runs[0].path).write_bytes(b"nothing")
    report = checkout.audit()
    assert verdict(report) is Verdict.UNCHECKED
    (repair,) = report.repair
    assert "--lock" not in repair


def test_lines_are_added_and_kept(checkout):
    anchor(checkout, "fig3")
    anchor(checkout, "fig1")
    lines = (checkout.root / "results" / "figures.lock").read_text().splitlines()
    assert [line.split("  ")[1] for line in lines] == ["tiny/fig1", "tiny/fig3"]
    assert verdict(checkout.audit()) is Verdict.INTACT


def test_two_calls_at_once_lose_no_line(checkout, monkeypatch):
    """Each would read the lines before the other has written, if it did not wait."""
    whole, both = anchor_lines.read_anchors, threading.Barrier(2)

    def read_and_linger(root):
        found = whole(root)
        with suppress(threading.BrokenBarrierError):
            both.wait(0.5)
        return found

    monkeypatch.setattr(anchor_lines, "read_anchors", read_and_linger)
    note = [{"tiny/fig1": "1" * 64}, {"tiny/fig3": "3" * 64}]
    with ThreadPoolExecutor() as threads:
        list(threads.map(anchor_lines.note_anchors, [checkout.root] * 2, note))
    assert whole(checkout.root) == note[0] | note[1]


def make_again(checkout, runs):
    checkout.train_all(runs, start=1000.0)
    for figure in checkout.study.figures:
        checkout.table(figure, start=2000.0)
        checkout.figure(figure, start=3000.0)


def test_making_it_again_honestly_keeps_the_anchor(checkout):
    anchor(checkout, "fig1")
    make_again(checkout, checkout.study.runs)
    assert verdict(checkout.audit()) is Verdict.INTACT


def exchanged_losses(table: pa.Table) -> pa.Table:
    first, *others = table["test_loss"].to_pylist()
    place = table.column_names.index("test_loss")
    return table.set_column(place, "test_loss", pa.array([first, *reversed(others)]))


def test_rewriting_everything_is_caught_by_the_anchor_alone(checkout, monkeypatch):
    anchor(checkout, "fig1")
    honest = checkout.train
    monkeypatch.setattr(checkout, "train", lambda run: exchanged_losses(honest(run)))
    make_again(checkout, checkout.study.runs)
    report = checkout.audit()
    assert [f.link for f in report.findings if f.verdict is Verdict.STALE] == ["anchor"]
    assert report.exit_code == 1
    assert report.repair[0].startswith("largebatch audit fig1 --study tiny --lock, then commit")


def test_the_same_runs_cannot_be_said_to_come_from_other_data(checkout):
    """The stand-in's numbers do not depend on the data, so all else stays as it was."""
    anchor(checkout, "fig1")
    checkout.prepare(seed=1)
    make_again(checkout, checkout.study.runs)
    assert [f.link for f in checkout.audit().findings if f.is_bad] == ["anchor"]


def notes(checkout) -> list[str]:
    return [f.what for f in checkout.audit().notes if f.link == "anchor"]


def stale(checkout) -> list[str]:
    return [f.detail for f in checkout.audit().findings if f.verdict is Verdict.STALE]


def test_only_the_committed_line_counts(checkout):
    """Changed or taken out, it is no longer what the history holds."""
    lock = checkout.path("results/figures.lock")
    assert notes(checkout) == []
    anchor(checkout, "fig1")
    assert "is not committed" in notes(checkout)[0]
    checkout.git("add", "results/figures.lock")
    checkout.git("commit", "-qm", "anchor")
    anchor(checkout, "fig3")
    assert notes(checkout) == []
    lock.write_text(f"{'0' * 64}  tiny/fig1\n")
    assert "differs from the committed one" in stale(checkout)[1]
    lock.unlink()
    assert ["differs from the committed one" in words for words in stale(checkout)] == [True]


def commit_anchor(checkout) -> None:
    anchor(checkout, "fig1")
    checkout.git("add", "results/figures.lock")
    checkout.git("commit", "-qm", "anchor")


@pytest.mark.parametrize("damage", ["object", "HEAD", "branch"])
def test_a_committed_lock_that_git_cannot_read_is_not_empty(checkout, damage):
    """Else a forger would only have to damage the repository."""
    commit_anchor(checkout)
    assert checkout.audit().headline == "VERIFIED"
    if damage == "object":
        folders = checkout.path(".git/objects")
        id = checkout.git("rev-parse", "HEAD:results/figures.lock")
        (folders / id[:2] / id[2:]).unlink()
    elif damage == "branch":
        checkout.path(".git", checkout.git("symbolic-ref", "HEAD")).unlink()
    else:
        checkout.path(".git/HEAD").write_text("no reference")
    report = checkout.audit()
    assert (report.headline, report.exit_code, report.repair) == ("MISSING", 2, ["git fsck"])


def test_where_git_is_not_installed_nobody_knows_what_was_committed(checkout, monkeypatch):
    commit_anchor(checkout)
    monkeypatch.setenv("PATH", "/nowhere")
    report = checkout.audit()
    assert (report.headline, report.exit_code, report.repair) == ("MISSING", 2, ["install git"])
    shutil.rmtree(checkout.path(".git"))
    assert checkout.audit().headline == "VERIFIED"
    assert "is not committed" in notes(checkout)[0]


def test_the_ends_of_lines_do_not_count(checkout):
    commit_anchor(checkout)
    lock = checkout.path("results/figures.lock")
    lock.write_bytes(lock.read_bytes().replace(b"\n", b"\r\n"))
    assert (checkout.audit().headline, notes(checkout)) == ("VERIFIED", [])
    checkout.git("commit", "-qam", "from another editor")
    assert (checkout.audit().headline, notes(checkout)) == ("VERIFIED", [])


def test_a_second_line_of_a_figure_is_refused(checkout):
    """As a merge may leave it; which of them holds, nobody knows."""
    anchor(checkout, "fig1")
    lock = checkout.path("results/figures.lock")
    lock.write_text(f"{'0' * 64}  tiny/fig1\n{lock.read_text()}")
    with pytest.raises(UserError, match=r"figures\.lock, line 2: a second line for tiny/fig1; "):
        checkout.audit()


def test_a_file_of_ones_own_beside_an_output_is_none(checkout):
    checkout.path("results/tiny/claims.xlsx").touch()
    assert audited(checkout.study, checkout.root) == ["fig1", "fig3"]
    checkout.path("results/tiny/claims.md").touch()
    assert audited(checkout.study, checkout.root) == ["fig1", "fig3", "claims"]


def test_what_the_committed_lock_names_is_missed(checkout):
    """Claims that were deleted together with their line."""
    lock = checkout.path("results/figures.lock")
    assert audited(checkout.study, checkout.root) == ["fig1", "fig3"]
    lock.write_text(f"{'0' * 64}  tiny/claims\n")
    checkout.git("add", "results/figures.lock")
    checkout.git("commit", "-qm", "anchor")
    lock.unlink()
    assert audited(checkout.study, checkout.root) == ["fig1", "fig3", "claims"]


def test_the_commit_is_asked_once_however_many_figures(checkout, monkeypatch):
    asked, ask = [], anchor_lines.committed_text
    monkeypatch.setattr(
        anchor_lines, "committed_text", lambda root, name: asked.append(name) or ask(root, name)
    )
    assert len(audit_study(checkout.study, checkout.root)) == 2
    assert asked == ["results/figures.lock"]


@pytest.mark.parametrize("line", [b"0  tiny/fig1\n", b"\xff\xfe" + b"0" * 64 + b"  tiny/fig1\n"])
def test_a_broken_line_is_said(checkout, line):
    checkout.path("results/figures.lock").write_bytes(line)
    with pytest.raises(UserError, match=r"figures\.lock, line 1"):
        checkout.audit()
