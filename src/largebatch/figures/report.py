"""All figures of a study on one page that needs nothing but itself: results/<study>/report.html.

The pictures are the SVG files themselves, so the page cannot disagree with the paper; the numbers
under the mouse are those of the verified table that the pictures were drawn from.
"""

import json
from base64 import b64encode
from collections.abc import Iterator, Mapping
from html import escape
from pathlib import Path
from string import Template

from largebatch.analysis.long_form import table_path
from largebatch.errors import UserError
from largebatch.figures.captions import caption
from largebatch.figures.draw import figure_identity, picture, read_drawn
from largebatch.figures.hover import spots
from largebatch.figures.style import private_style
from largebatch.records import Artefact, read_sidecar, write_bytes
from largebatch.study import Study

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
    """Write the page; returns its path. See `report_page`."""
    path = root / f"results/{study.name}/report.html"
    write_bytes(path, report_page(study, root, verdicts, unfinished).encode())
    return path


def report_page(
    study: Study,
    root: Path = Path("."),
    verdicts: Mapping[str, str] | None = None,
    unfinished: bool = False,
) -> str:
    """The page as HTML: every figure of the study with its caption, then the claims, if written.

    verdicts: {figure or claims: one line, whether it is still true}, e.g. of an audit. unfinished:
    of a figure without a table the page says that there is none. Raises UserError if a table or
    picture is missing (else), altered, or not of the present table and code.
    """
    shown, verdicts = (_figure_or_words if unfinished else _figure), verdicts or {}
    with private_style():
        figures = [shown(study, name, root, verdicts.get(name)) for name in study.figures]
    return Template(PAGE.read_text()).substitute(
        title=escape(study.title),
        notice=f'<p class="notice">{escape(study.notice)}</p>' if study.notice else "",
        contents=" ".join(f'<a href="#{name}">{name}</a>' for name in study.figures),
        figures="\n".join(figures),
        claims="".join(_claims(study, root, verdicts.get("claims"))),
    )


def _figure_or_words(study: Study, name: str, root: Path, verdict: str | None) -> str:
    if (root / table_path(study, name)).is_file():
        return _figure(study, name, root, verdict)
    title = escape(study.figures[name].title)
    return f'<p id="{name}"><b>{name}.</b> {title}: none of its runs is there.</p>'


def _figure(study: Study, name: str, root: Path, verdict: str | None) -> str:
    artefact = read_drawn(study, name, root, unfinished=True)  # the picture's face says so
    settings, runs = study.figure_settings(name), artefact.record["facts"]["runs"]
    sheet = picture(artefact.table, settings, runs)
    return FIGURE.format(
        name=name,
        caption=escape(caption(settings, artefact.table.to_pylist())),
        verdict=_verdict(verdict),
        spots=escape(json.dumps(spots(sheet), separators=(",", ":"))),
        title=escape(settings["figure"]["title"]),
        svg=b64encode(_svg(study, name, root, artefact)).decode(),
    )


def _svg(study: Study, name: str, root: Path, artefact: Artefact) -> bytes:
    stem = f"results/{study.name}/figures/{name}"
    sidecar = read_sidecar(root / f"{stem}.json", stem)
    content = sidecar.read(root / f"{stem}.svg")
    if sidecar.identity != figure_identity(study, name, artefact):
        raise UserError(
            f"{stem}.svg: it was not drawn from the present table and code; "
            f"run `snakemake {name} --config study={study.name}`."
        )
    return content


def _verdict(words: str | None) -> str:
    return f'\n<p class="verdict">{escape(words)}</p>' if words else ""


def _claims(study: Study, root: Path, verdict: str | None) -> Iterator[str]:
    stem = f"results/{study.name}/claims"
    if (root / f"{stem}.md").is_file():
        page = read_sidecar(root / f"{stem}.json", stem).read(root / f"{stem}.md")
        yield f"<h2>Claims</h2>{_verdict(verdict)}\n<pre>{escape(page.decode())}</pre>"
