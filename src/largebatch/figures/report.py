"""All figures of a study on one self-contained page: results/<study>/report.html.

The pictures are the SVG files themselves, so the page cannot disagree with the figures; the numbers
under the mouse are those of the verified table that the pictures were drawn from, and the claims
those of their verified table. `report.json` beside it is a sidecar like those of figures.
"""

import json
import time
from base64 import b64encode
from collections.abc import Mapping
from datetime import UTC, datetime
from html import escape
from pathlib import Path
from string import Template

from largebatch.figures.captions import caption
from largebatch.figures.claims_part import claims_table
from largebatch.figures.draw import picture
from largebatch.figures.hover import spots
from largebatch.figures.page_parts import Parts, read_parts
from largebatch.figures.paged import report_name, report_settings
from largebatch.figures.style import private_style
from largebatch.records import (
    Artefact,
    code_digest,
    identity_of,
    make_record,
    mark,
    snapshot,
    write_bytes,
    write_sidecar,
)
from largebatch.study import Study

STEP = "report"
PAGE = Path(__file__).with_name("report.html")
FIGURE = """<figure id="{name}">
<figcaption><b>{name}.</b> {caption}</figcaption>{verdict}
<div class="picture" data-spots="{spots}">
<img alt="{title}" src="data:image/svg+xml;base64,{svg}">
</div>
</figure>"""


def write_report(
    study: Study,
    root: Path = Path("."),
    verdicts: Mapping[str, str] | None = None,
    unfinished: bool = False,
) -> Path:
    """Write the page and its sidecar report.json; returns the page's path. See `report_page`.

    verdicts: of an audit made just now, whose time and commit are printed with them.
    """
    started, name = time.time(), report_name(study)
    parts, when = read_parts(study, root, unfinished), _when(started, root)
    verdicts = {of: f"{words} ({when})" for of, words in (verdicts or {}).items()}
    path = root / f"{name}.html"
    write_bytes(path, _page(study, parts, verdicts).encode())
    record = make_record(
        "page",
        name,
        inputs=parts.sources,
        step=STEP,
        settings=report_settings(study),
        started=started,
        root=root,
        shows={shown.file: shown.digest for shown in parts.figures.values()},
        verdicts=verdicts,
    )
    write_sidecar(path.with_suffix(".json"), record, _identity(study, parts), [path])
    return path


def _when(seconds: float, root: Path) -> str:
    """`audited 2026-11-28 09:12 UTC, commit 566aebb`, for a reader of another day."""
    git = snapshot(STEP, Path(root))[0].get("git")
    commit = f", commit {git['commit'][:7]}" if git else ""
    changed = ", with uncommitted changes" if git and git["dirty"] else ""
    return f"audited {datetime.fromtimestamp(seconds, UTC):%Y-%m-%d %H:%M} UTC{commit}{changed}"


def report_page(
    study: Study,
    root: Path = Path("."),
    verdicts: Mapping[str, str] | None = None,
    unfinished: bool = False,
) -> str:
    """The page as HTML: every figure of the study with its caption, then the claims, if written.

    verdicts: {figure or `claims`: one line on whether it is still true}, e.g. of an audit.
    unfinished: a figure may lack its table, and the page then says so. Raises UserError if a table
    (unless `unfinished`) or picture is missing, or if either is altered or not of the present table
    and code.
    """
    return _page(study, read_parts(study, root, unfinished), verdicts or {})


def _identity(study: Study, parts: Parts) -> str:
    """The page's identity, without the verdicts: the page is the same one after another audit."""
    made = {"name": report_name(study), "inputs": parts.sources, "code": code_digest(STEP)}
    return identity_of({**made, "settings": report_settings(study), "facts": {}})


def _page(study: Study, parts: Parts, verdicts: Mapping[str, str]) -> str:
    with private_style():
        figures = [_figure(study, name, parts, verdicts.get(name)) for name in study.figures]
    return Template(PAGE.read_text(encoding="utf-8")).substitute(
        mark=mark(_identity(study, parts)),
        title=escape(study.title),
        notice=f'<p class="notice">{escape(study.notice)}</p>' if study.notice else "",
        contents=" ".join(f'<a href="#{name}">{name}</a>' for name in _contents(study, parts)),
        figures="\n".join(figures),
        claims=_claims(study, parts.claims, verdicts.get("claims")) if parts.claims else "",
    )


def _contents(study: Study, parts: Parts) -> list[str]:
    return [*study.figures, *(["claims"] if parts.claims else [])]


def _figure(study: Study, name: str, parts: Parts, verdict: str | None) -> str:
    settings = study.figure_settings(name)
    title = escape(settings["figure"]["title"])
    if name not in parts.figures:
        return f'<p id="{name}"><b>{name}.</b> {title}: it has no run yet.</p>'
    shown, artefact = parts.figures[name], parts.figures[name].artefact
    sheet = picture(artefact.table, settings, artefact.record["facts"]["runs"])
    return FIGURE.format(
        name=name,
        caption=escape(caption(settings, artefact.table.to_pylist())),
        verdict=_verdict(verdict),
        spots=escape(json.dumps(spots(sheet), separators=(",", ":"))),
        title=title,
        svg=b64encode(shown.content).decode(),
    )


def _verdict(words: str | None) -> str:
    return f'\n<p class="verdict">{escape(words)}</p>' if words else ""


def _claims(study: Study, artefact: Artefact, verdict: str | None) -> str:
    return f'<h2 id="claims">Claims</h2>{_verdict(verdict)}\n{claims_table(study, artefact.table)}'
