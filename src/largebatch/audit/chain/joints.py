"""The joints of the chain: is an artefact what its parent was made from?"""

from collections.abc import Iterator

from largebatch.audit.evidence.evidence import Evidence
from largebatch.audit.finding import Finding, stale, tampered
from largebatch.audit.subjects.subject import is_run
from largebatch.audit.words import counted

WORDS = {"table": "numbers are", "record": "record is", "file": "bytes are"}


def compare_input(link: str, found: Evidence, parent: dict, parent_name: str) -> list[Finding]:
    """Is `found` what the record `parent` names? If not, it was made again since, or tampered with.

    `parent_name` is the file of that record, which has to be made again in the first case.
    """
    name = found.name
    recorded: dict[str, str] = next((each for each in parent["inputs"] if each["name"] == name), {})
    changed = [part for part, digest in _parts(found).items() if recorded.get(part) != digest]
    if not changed:
        return []
    if found.record["finished"] > parent["started"]:
        detail = f"made again after {parent_name}"
        return [stale(link, name, detail, name, remake=(parent_name,))]
    detail = f"its {WORDS[changed[0]]} not what {parent_name} was made from"
    return [tampered(link, name, detail, remake=(name,))]


def _parts(found: Evidence) -> dict[str, str | None]:
    """The digests of an artefact as a record names them, the gravest first (data: no `file`)."""
    return {"table": found.table, "record": found.digest, "file": found.file}


def compare_data(
    found: Evidence, tensors: str, parent: dict, names: tuple[str, ...]
) -> list[Finding]:
    """Are the tensors of `found` those that `names` were made from? Its record may differ."""
    if tensors == found.table:
        return []
    detail = f"{counted(len(names), 'file')} made from other data"
    if found.record["finished"] > parent["started"]:
        return [stale("data", found.name, detail, found.name, remake=names)]
    return [tampered("data", found.name, detail, remake=names)]


def other_inputs(
    expected: set[str], recorded: set[str], made: str, kind: str = "table"
) -> Iterator[Finding]:
    """Inputs that a table or page should have now and has not, and those it should not have."""
    for names, there, place in (
        (expected - recorded, "of the study", f"in the {kind}"),
        (recorded - expected, f"in the {kind}", "in the study"),
    ):
        if names:
            first = min(names)
            files = counted(len(names), "run" if all(map(is_run, names)) else "file")
            what = f"{files} {there} {'is' if len(names) == 1 else 'are'} not {place}"
            yield stale("runs", what, f"the first is {first}", first, remake=(made,))
