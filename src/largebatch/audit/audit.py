"""Audit a figure or another output: read the whole chain behind it and check each link."""

from collections.abc import Iterable
from pathlib import Path

from largebatch.audit.chain.reading import load_chain
from largebatch.audit.checkout.present import Present
from largebatch.audit.checks.anchor import anchor_findings
from largebatch.audit.checks.current import code_findings, settings_findings, source_findings
from largebatch.audit.checks.environment import hardware_findings, lock_findings, package_findings
from largebatch.audit.checks.history import commit_findings, git_findings
from largebatch.audit.checks.own_numbers import copy_findings, start_findings, update_findings
from largebatch.audit.checks.pictures import picture_findings
from largebatch.audit.checks.reproduce import Build, Draw, Train, rebuild, rerun
from largebatch.audit.checks.whole import run_findings, table_and_data_findings
from largebatch.audit.evidence.reader import Reader
from largebatch.audit.finding import Finding
from largebatch.audit.report import Report
from largebatch.study import Study

CHECKS = (  # in the order of `--json`; a report for people follows the order of the links
    picture_findings,
    table_and_data_findings,
    run_findings,
    start_findings,
    copy_findings,
    update_findings,
    code_findings,
    settings_findings,
    source_findings,
    lock_findings,
    package_findings,
    hardware_findings,
    git_findings,
    commit_findings,
    anchor_findings,
)


def audit_one(
    study: Study,
    name: str,
    root: Path = Path("."),
    *,
    reader: Reader | None = None,
    build: Build | None = None,
    draw: Draw | None = None,
    train: Train | None = None,
    reruns: int = 0,
    also: Iterable[Finding] = (),
) -> Report:
    """Audit one subject of `study` in the checkout `root`.

    With `build` and `draw` its table and pictures are made again and compared; with `train` so are
    `reruns` of its runs. Subjects that share runs share a `reader`. `also` are findings from
    elsewhere (see `find_file`). Raises UserError if the study has no such subject.
    """
    chain = load_chain(name, reader or Reader(study, root))
    findings = [*also, *chain.findings, *(found for check in CHECKS for found in check(chain))]
    findings += [rebuild(chain, build, draw), *rerun(chain, train, reruns)]
    return Report(chain, tuple(findings))


def audit_study(
    study: Study, root: Path = Path("."), names: Iterable[str] | None = None, **checks
) -> list[Report]:
    """One report for each name (default: `audited`); what they share is read once."""
    reader = Reader(study, root)
    names = _audited(reader.present) if names is None else names
    return [audit_one(study, name, root, reader=reader, **checks) for name in names]


def audited(study: Study, root: Path = Path(".")) -> list[str]:
    """Names of what the audit of a whole study covers: its figures, and other outputs once made.

    Claims, theory, measurements, maps and the report are made on demand. All outputs of one
    Snakemake rule count once a file of any of them exists, or once one has a line in
    `results/figures.lock`, here or in the last commit.
    """
    return _audited(Present(study, root))


def _audited(present: Present) -> list[str]:
    found = present.subjects.values()
    keys = present.anchors.keys() | (present.committed_anchors or {}).keys()
    made = {s.target for s in found if s.key in keys or s.is_there(present.root)}
    return [s.name for s in found if s.kind == "figure" or s.target in made]
