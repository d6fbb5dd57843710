"""Is what made each artefact what stands in the tree now? Code, settings, lock."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from largebatch.audit.chain import Chain
from largebatch.audit.finding import Finding, Question, Verdict
from largebatch.errors import UserError
from largebatch.records import canonical_json, code_digest, lock_digest
from largebatch.records.code import PACKAGE

LINKS = {"data": "data", "train": "runs", "table": "table", "figure": "figure"}


def code_findings(chain: Chain) -> list[Finding]:
    """One finding a step: its import closure as recorded against the one in the tree."""
    return [_code(chain, step, records) for step, records in chain.records.items() if records]


def _code(chain: Chain, step: str, records: list[dict]) -> Finding:
    try:
        now = code_now(chain, step)
    except UserError as error:
        return _finding("code", Verdict.STALE, step, str(error), step, records)
    stale = [record for record in records if record["code"]["digest"] != now["digest"]]
    if not stale:
        detail = f"{len(now['modules'])} modules, {_commits(records)}"
        return _finding("code", Verdict.INTACT, step, detail)
    modules = sorted({m for record in stale for m in _changed(record["code"], now)})
    detail = f"changed since {_commits(stale)}: {len(stale)} of {len(records)} predate it"
    return _finding("code", Verdict.STALE, step, detail, ", ".join(modules), stale)


def code_now(chain: Chain, step: str) -> dict:
    """The step's code as it stands in the checkout (or, without one, as it is installed)."""
    source = chain.root / "src" / PACKAGE.name
    return code_digest(step, source if source.is_dir() else PACKAGE)


def _changed(then: dict, now: dict) -> Iterator[str]:
    """Modules whose digest is another, or that are there on one side only."""
    for name in then["modules"].keys() | now["modules"].keys():
        if then["modules"].get(name) != now["modules"].get(name):
            yield name


def _commits(records: list[dict]) -> str:
    commits = Counter(r["git"]["commit"][:7] for r in records if "git" in r)
    return ", ".join(commits) or "no commit known"


def settings_findings(chain: Chain) -> list[Finding]:
    """One finding a step: the settings that each artefact was made with against the study's."""
    return [_settings(chain, step, records) for step, records in chain.records.items() if records]


def _settings(chain: Chain, step: str, records: list[dict]) -> Finding:
    stale: list[dict] = []
    keys: Counter[str] = Counter()
    for record in records:
        wanted = _wanted_settings(chain, step, record["name"])
        if canonical_json(record["settings"]) != canonical_json(wanted):
            stale.append(record)
            keys.update(_differences(record["settings"], wanted))
    what = f"{chain.study.file} {LINKS[step]}"
    if not stale:
        return _finding("settings", Verdict.INTACT, what)
    detail = f"{len(stale)} of {len(records)} were made with other settings"
    return _finding("settings", Verdict.STALE, what, detail, ", ".join(sorted(keys)), stale)


def _wanted_settings(chain: Chain, step: str, name: str) -> dict | None:
    """What the study says now; None for a run or dataset that it no longer has."""
    if step == "train":
        run = chain.planned.get(name)
        return chain.study.spec(run) if run else None
    if step == "data":
        return chain.study.datasets.get(Path(name).stem)
    return chain.study.figure_settings(chain.figure)


def _differences(then: object, now: object, path: str = "") -> Iterator[str]:
    """`key: old -> new` for every leaf that differs."""
    if isinstance(then, dict) and isinstance(now, dict):
        for key in then.keys() | now.keys():
            yield from _differences(then.get(key), now.get(key), f"{path}.{key}" if path else key)
    elif canonical_json(then) != canonical_json(now):
        yield f"{path or 'all'}: {_short(then)} -> {_short(now)}"


def _short(value: object) -> str:
    text = canonical_json(value)
    return text if len(text) <= 30 else f"{text[:27]}..."


def lock_findings(chain: Chain) -> list[Finding]:
    """The lock that each artefact was made under against the one in the tree."""
    records = [record for made in chain.records.values() for record in made]
    now = lock_digest(chain.root)
    stale = [record for record in records if record.get("lock") != now]
    if not stale:
        return [_finding("environment", Verdict.INTACT, "envs/pipeline.lock", _torch(records))]
    detail = f"{len(stale)} of {len(records)} artefacts were made under another lock"
    culprit = "envs/pipeline.lock"
    return [_finding("environment", Verdict.STALE, culprit, detail, culprit, stale)]


def _torch(records: list[dict]) -> str:
    versions = {r["packages"]["torch"] for r in records if "torch" in r.get("packages", {})}
    return "torch " + ", ".join(sorted(versions)) if versions else ""


def _finding(
    link: str, verdict: Verdict, what: str, detail: str = "", culprit: str = "", stale=()
) -> Finding:
    names = tuple(_file_of(record) for record in stale)
    return Finding(link, Question.CURRENT, verdict, what, detail, culprit, names)


def _file_of(record: dict) -> str:
    return f"{record['name']}.pdf" if record["kind"] == "figure" else record["name"]
