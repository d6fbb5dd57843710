"""Compare what made each artefact with the tree now: code, settings, the user's own files."""

import os
from collections import Counter
from collections.abc import Iterator

from largebatch.audit.chain.chain import Chain
from largebatch.audit.evidence.evidence import Evidence
from largebatch.audit.finding import Finding, Question, stale, unchanged, unchecked
from largebatch.audit.words import counted
from largebatch.data.load import read_facts
from largebatch.data.own import own_files
from largebatch.errors import UserError
from largebatch.records import file_digest
from largebatch.records.changed_code import model_kind

ARTEFACTS = {"train": "runs"}  # step: what its artefacts are called, if not like the step


def code_findings(chain: Chain) -> list[Finding]:
    """One finding for each step and kind of model: recorded code against that in the tree."""
    groups: dict[tuple[str, str | None], list[dict]] = {}
    for step, records in chain.records.items():
        for record in records:
            groups.setdefault((step, model_kind(step, record)), []).append(record)
    return [_code(chain, *group, records) for group, records in groups.items()]


def _code(chain: Chain, step: str, kind: str | None, records: list[dict]) -> Finding:
    what = f"{step} {kind or ''}".rstrip()
    try:
        now = chain.present.code(step, kind)["modules"]
        found = [(record, chain.present.changed_code(step, record)) for record in records]
    except UserError as error:
        return stale("code", what, str(error), what, map(chain.file_of, records))
    older = [record for record, modules in found if modules]
    if not older:
        return unchanged("code", what, f"{counted(len(now), 'module')}, {_commits(records)}")
    modules = sorted(set().union(*(modules for _, modules in found)))
    detail = f"changed since {_commits(older)}: {len(older)} of {len(records)} predate the change"
    return stale("code", what, detail, ", ".join(modules), map(chain.file_of, older))


def _commits(records: list[dict]) -> str:
    commits = Counter(r["git"]["commit"][:7] for r in records if "git" in r)
    return ", ".join(commits) or "unknown commit"


def settings_findings(chain: Chain) -> list[Finding]:
    """One finding for each step: the settings each artefact was made with against the study's."""
    return [_settings(chain, step, records) for step, records in chain.records.items()]


def _settings(chain: Chain, step: str, records: list[dict]) -> Finding:
    found = {record["name"]: chain.present.differences(step, record) for record in records}
    others = [record for record in records if found[record["name"]]]
    file = chain.subject.settings_file if step in chain.subject.steps else chain.study.file
    what = f"{file} {ARTEFACTS.get(step, step)}"
    if not others:
        return unchanged("settings", what)
    detail = f"{len(others)} of {len(records)} were made with other settings"
    keys = sorted({key for differences in found.values() for key in differences})
    return stale("settings", what, detail, ", ".join(keys), map(chain.file_of, others))


def source_findings(chain: Chain) -> list[Finding]:
    """The user's own files against the digests noted when a data set was prepared from them."""
    return [found for data in chain.data.values() for found in _sources(chain, data)]


def _sources(chain: Chain, data: Evidence) -> Iterator[Finding]:
    noted = read_facts(chain.root / data.name).get("files", {})
    for split, file in own_files(data.record["settings"]).items():
        path = chain.root / file
        if not os.path.isfile(path):
            detail = "the file that the data were prepared from is not here"
            yield unchecked("data", Question.CURRENT, str(file), detail)
        elif file_digest(path) != noted.get(split):
            detail = f"not the file that {data.name} was prepared from"
            yield stale("data", str(file), detail, str(file), remake=(data.name,))
