"""What is worth knowing and never changes a verdict: commits, machines, divergences."""

from collections import Counter

from largebatch.audit.chain import Chain
from largebatch.audit.finding import Finding, Question, Verdict, counted, made, summed_up
from largebatch.records.digest import file_digest
from largebatch.records.record import PATCHES


def run_findings(chain: Chain) -> list[Finding]:
    """How many runs there are, and how many of them diverged."""
    if not chain.runs:
        return []
    statuses = Counter(run.record["status"] for run in chain.runs.values())
    inputs = {i["name"] for table in chain.tables.values() for i in table.record["inputs"]}
    whole = sum("/runs/" in name for name in inputs) if chain.tables else len(chain.runs)
    detail = ", ".join(f"{count} {status}" for status, count in sorted(statuses.items()))
    findings = []
    if whole == len(chain.runs) and not any(
        f.link == "runs" and f.question is Question.INTACT for f in chain.findings
    ):
        findings.append(_intact("runs", f"{len(chain.runs)} of {whole}", detail))
    if chain.subject.shows and (diverged := statuses["diverged"]):
        findings.append(
            _note("runs", f"{counted(diverged, 'run')} diverged; the {chain.subject.link} says so")
        )
    return findings


def git_findings(chain: Chain) -> list[Finding]:
    """Commits, dirty trees, and whether the patches of these are still kept, unaltered."""
    records = chain.all_records
    states = Counter(_git_state(record) for record in records)
    findings = [_intact("git", state, counted(n, "artefact")) for state, n in states.items()]
    dirty = [record for record in records if record.get("git", {}).get("dirty")]
    patches = sorted({record["git"]["patch"] for record in dirty if "patch" in record["git"]})
    if dirty:
        findings.append(_dirty(chain, len(dirty), patches))
    return [*findings, *(found for digest in patches for found in _patch(chain, digest))]


def _dirty(chain: Chain, count: int, patches: list[str]) -> Finding:
    """A note with the files that were not committed, as far as their patches are kept."""
    patched = chain.present.commits.patched
    files = sorted({file for patch in patches for file in patched(patch)})
    names = f": {summed_up(files)}" if files else ""
    return _note("git", f"{made(count)} from a dirty tree{names}")


def _git_state(record: dict) -> str:
    if "git" not in record:
        return "no git"
    return f"{record['git']['commit'][:7]} {'dirty' if record['git']['dirty'] else 'clean'}"


def _patch(chain: Chain, digest: str) -> list[Finding]:
    path = PATCHES / f"{digest}.patch"
    if not (chain.root / path).is_file():
        return [_note("git", f"the patch {path} is not kept here")]
    if file_digest(chain.root / path) == digest:
        return []
    detail = "it is not the patch that was recorded"
    return [Finding("git", Question.INTACT, Verdict.CHANGED, str(path), detail, str(path))]


def hardware_findings(chain: Chain) -> list[Finding]:
    """Which machines the runs come from; a note if there are several kinds."""
    kinds = Counter(_machine(run.record.get("hardware", {})) for run in chain.runs.values())
    findings = [_intact("hardware", counted(n, "run"), kind) for kind, n in kinds.most_common()]
    if len(kinds) > 1:
        findings.append(_note("hardware", f"runs come from {len(kinds)} kinds of machine"))
    return findings


def _machine(hardware: dict) -> str:
    if "gpu" not in hardware:
        return hardware.get("cpu", "unknown")
    parts = [hardware["gpu"]] + [
        f"{name} {hardware[key]}"
        for key, name in (("driver", "driver"), ("cuda", "CUDA"), ("cudnn", "cuDNN"))
        if key in hardware
    ]
    return ", ".join(parts)


def _intact(link: str, what: str, detail: str = "") -> Finding:
    return Finding(link, Question.INTACT, Verdict.INTACT, what, detail)


def _note(link: str, what: str) -> Finding:
    return Finding(link, Question.INTACT, Verdict.NOTE, what)


def good_link_findings(chain: Chain) -> list[Finding]:
    """A line for each table and dataset that was read and is what it should be."""
    blamed = {finding.culprit for finding in chain.findings}
    findings = []
    for name, table in chain.tables.items():
        if name not in blamed:
            detail = f"{_made_from(table.record)}{table.table[:8]}"
            findings.append(_intact("table", name, detail))
    for name, data in chain.data.items():
        if name not in blamed:
            findings.append(_intact("data", name, data.table[:8]))
    return findings


def _made_from(record: dict) -> str:
    names = [each["name"] for each in record["inputs"]]
    runs = sum("/runs/" in name for name in names)
    counts = {"run": runs, "file": len(names) - runs}
    return "".join(f"{counted(count, noun)}, " for noun, count in counts.items() if count)
