"""Is what made each artefact what stands in the tree now? Code, settings, lock."""

from collections import Counter
from collections.abc import Iterator

from largebatch.audit.chain import Chain
from largebatch.audit.code import model_kind
from largebatch.audit.evidence import Evidence
from largebatch.audit.finding import Finding, Question, Verdict
from largebatch.data.load import read_facts
from largebatch.data.own import own_files
from largebatch.errors import UserError
from largebatch.records import file_digest

LINKS = {"train": "runs"}  # step: what its artefacts are called, if not so


def code_findings(chain: Chain) -> list[Finding]:
    """One finding a step, and a kind of model: the code as recorded against that in the tree."""
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
        return _finding(chain, "code", Verdict.STALE, what, str(error), what, records)
    stale = [record for record, modules in found if modules]
    if not stale:
        detail = f"{len(now)} modules, {_commits(records)}"
        return _finding(chain, "code", Verdict.INTACT, what, detail)
    modules = sorted(set().union(*(modules for _, modules in found)))
    detail = f"changed since {_commits(stale)}: {len(stale)} of {len(records)} predate it"
    return _finding(chain, "code", Verdict.STALE, what, detail, ", ".join(modules), stale)


def _commits(records: list[dict]) -> str:
    commits = Counter(r["git"]["commit"][:7] for r in records if "git" in r)
    return ", ".join(commits) or "no commit known"


def settings_findings(chain: Chain) -> list[Finding]:
    """One finding a step: the settings that each artefact was made with against the study's."""
    return [_settings(chain, step, records) for step, records in chain.records.items()]


def _settings(chain: Chain, step: str, records: list[dict]) -> Finding:
    found = {record["name"]: chain.present.differences(step, record) for record in records}
    stale = [record for record in records if found[record["name"]]]
    file = chain.subject.settings_file if step in chain.subject.steps else chain.study.file
    what = f"{file} {LINKS.get(step, step)}"
    if not stale:
        return _finding(chain, "settings", Verdict.INTACT, what)
    detail = f"{len(stale)} of {len(records)} were made with other settings"
    keys = sorted({key for differences in found.values() for key in differences})
    return _finding(chain, "settings", Verdict.STALE, what, detail, ", ".join(keys), stale)


def source_findings(chain: Chain) -> list[Finding]:
    """The user's own files against the digests that a data set noted when it was prepared."""
    return [found for data in chain.data.values() for found in _sources(chain, data)]


def _sources(chain: Chain, data: Evidence) -> Iterator[Finding]:
    noted = read_facts(chain.root / data.name).get("files", {})
    for split, file in own_files(data.record["settings"]).items():
        path = chain.root / file
        if not path.is_file():
            detail = "the file that it was prepared from is not here"
            yield Finding("data", Question.CURRENT, Verdict.UNCHECKED, str(file), detail)
        elif file_digest(path) != noted.get(split):
            detail = f"not what {data.name} was prepared from"
            stale = [data.record]
            yield _finding(chain, "data", Verdict.STALE, str(file), detail, str(file), stale)


def lock_findings(chain: Chain) -> list[Finding]:
    """The lock that each artefact was made under against the one in the tree."""
    records = chain.all_records
    now = chain.present.lock
    stale = [record for record in records if record.get("lock") != now]
    if not stale:
        return [
            _finding(chain, "environment", Verdict.INTACT, "envs/pipeline.lock", _torch(records))
        ]
    detail = f"{len(stale)} of {len(records)} artefacts were made under another lock"
    culprit = "envs/pipeline.lock"
    return [_finding(chain, "environment", Verdict.STALE, culprit, detail, culprit, stale)]


def _torch(records: list[dict]) -> str:
    versions = {r["packages"]["torch"] for r in records if "torch" in r.get("packages", {})}
    return "torch " + ", ".join(sorted(versions)) if versions else ""


def _finding(
    chain: Chain,
    link: str,
    verdict: Verdict,
    what: str,
    detail: str = "",
    culprit: str = "",
    stale=(),
) -> Finding:
    names = tuple(chain.file_of(record) for record in stale)
    return Finding(link, Question.CURRENT, verdict, what, detail, culprit, names)
