"""Titles and notices may have braces, as those of LaTeX do; Snakemake marks wildcards with them."""

from checkout import Checkout

TITLE = "Loss $\\mathcal{L}$ of {first}"
TARGETS = ("claims", "theory", "maps", "report", "figures")


def test_a_study_with_braces(checkout: Checkout) -> None:
    def edit(study: dict) -> None:
        study.update(title="A study {of} $\\mathcal{L}$", notice="for {tests} }{ {0}")
        study["figures"]["fig1"]["title"] = TITLE

    checkout.edit_study(edit)
    planned = checkout.planned(*TARGETS)
    assert all(f"results/tiny/{name}" in planned for name in ("claims.md", "report.html"))
    checkout.snakemake("fig1")
    checkout.snakemake("fig1", "--report", "page.html")
    page = (checkout.root / "page.html").read_text()
    assert "the seeds that stayed finite" in page and "Figures" in page
    assert TITLE.replace("\\", "\\\\") in page.replace("\u2060", "").replace("\\u2060", "")
