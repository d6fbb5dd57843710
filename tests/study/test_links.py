"""Every link in the docs leads to a file and heading, and every path they name exists."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = [*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), *ROOT.glob("benchmarks/*.md")]
LINK = re.compile(r"\]\((?!https?:)([^)#\s]*)(?:#([^)\s]+))?\)")
NAMED = re.compile(r"\b(?:benchmarks|docs|tests)/[\w/-]+\.(?:md|parquet|py|sh)\b")


def anchors(page: Path) -> set[str]:
    """The anchors of a page's headings, as GitHub makes them."""
    headings = re.findall(r"^#+ (.*)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", text).strip().lower().replace(" ", "-") for text in headings}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_links_and_paths_lead_somewhere(page):
    text = page.read_text(encoding="utf-8")
    for file, anchor in LINK.findall(text):
        target = page.parent / file if file else page
        assert target.exists(), f"there is no {file}"
        assert not anchor or anchor in anchors(target), f"{file} has no #{anchor}"
    missing = [path for path in NAMED.findall(text) if not (ROOT / path).exists()]
    assert not missing
