"""The audit of a figure: read the whole chain, then ask each link."""

from collections.abc import Iterable
from pathlib import Path

from largebatch.audit.anchor import anchor_findings
from largebatch.audit.chain import Chain, load_chain
from largebatch.audit.circumstances import (
    git_findings,
    good_link_findings,
    hardware_findings,
    package_findings,
    run_findings,
)
from largebatch.audit.current import code_findings, lock_findings, settings_findings
from largebatch.audit.evidence import Reader
from largebatch.audit.finding import Finding
from largebatch.audit.pictures import picture_findings
from largebatch.audit.report import Report
from largebatch.audit.reproduce import Build, Draw, Train, not_asked, rebuild, rerun
from largebatch.study import Study

LINKS = (
    picture_findings,
    good_link_findings,
    run_findings,
    code_findings,
    settings_findings,
    lock_findings,
    package_findings,
    hardware_findings,
    git_findings,
    anchor_findings,
)


def audit_figure(
    study: Study,
    figure: str,
    root: Path = Path("."),
    *,
    reader: Reader | None = None,
    build: Build | None = None,
    draw: Draw | None = None,
    train: Train | None = None,
    reruns: int = 0,
    also: Iterable[Finding] = (),
) -> Report:
    """Everything that can be said about one figure of `study` in the checkout `root`.

    With `build` and `draw` its table and pictures are made again and compared, with `train`
    also `reruns` of its runs. `reader` is shared between figures that share runs; `also` are
    findings from elsewhere (see `find_figure`). Raises UserError for a figure the study has not.
    """
    chain = load_chain(study, study.figure(figure).name, reader or Reader(root))
    findings = [*also, *chain.findings, *(found for link in LINKS for found in link(chain))]
    findings += rebuild(chain, build, draw) if build and draw else [not_asked("rebuilt")]
    findings += rerun(chain, train, reruns) if train and reruns else [not_asked("rerun")]
    title = study.figures[figure].title
    return Report(study.name, figure, title, tuple(findings), len(chain.planned))


def audit_study(study: Study, root: Path = Path("."), **checks) -> list[Report]:
    """One report a figure, in the study's order; shared runs are read once."""
    reader = Reader(root)
    return [audit_figure(study, name, root, reader=reader, **checks) for name in study.figures]


def load_chains(study: Study, figures: Iterable[str], root: Path = Path(".")) -> list[Chain]:
    """The chains of these figures, for `write_anchors` and the crate."""
    reader = Reader(root)
    return [load_chain(study, study.figure(name).name, reader) for name in figures]
