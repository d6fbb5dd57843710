"""Where one link of the chain holds the next: is this what its parent was made from?"""

from collections.abc import Iterator

from largebatch.audit.chain import is_run
from largebatch.audit.evidence import Evidence
from largebatch.audit.finding import Finding, stale, tampered

WORDS = {"table": "numbers are", "record": "record is", "file": "bytes are"}


def compare_input(link: str, found: Evidence, parent: dict, parent_name: str) -> list[Finding]:
    """Is `found` what the record `parent` names? Made again since is stale, else it is changed.

    `parent_name` is the file of that record, which would have to be made again.
    """
    name = found.name
    recorded = next((each for each in parent["inputs"] if each["name"] == name), {})
    changed = [part for part, digest in _parts(found).items() if recorded.get(part) != digest]
    if not changed:
        return []
    if found.record["finished"] > parent["started"]:
        detail = f"made again after {parent_name}"
        return [stale(link, name, detail, name, remake=(parent_name,))]
    detail = f"its {WORDS[changed[0]]} not what {parent_name} was made from"
    return [tampered(link, name, detail, remake=(name,))]


def _parts(found: Evidence) -> dict[str, str]:
    """Its digests as a record names them, the gravest first."""
    return {"table": found.table, "record": found.digest, "file": found.file}


def compare_data(
    found: Evidence, tensors: str, parent: dict, names: tuple[str, ...]
) -> list[Finding]:
    """Are its tensors the ones that `names` were made from? Only these count, not its age."""
    if tensors == found.table:
        return []
    detail = f"{len(names)} files were made from other data"
    if found.record["finished"] > parent["started"]:
        return [stale("data", found.name, detail, found.name, remake=names)]
    return [tampered("data", found.name, detail, remake=names)]


def other_inputs(
    expected: set[str], recorded: set[str], made: str, kind: str = "table"
) -> Iterator[Finding]:
    """What a table or page should be made from now and was not, and the other way round."""
    for names, detail in (
        (expected - recorded, f"of the study are not in the {kind}"),
        (recorded - expected, f"in the {kind} are not of the study"),
    ):
        if names:
            first = min(names)
            files = "runs" if all(map(is_run, names)) else "files"
            what = f"{len(names)} {files} {detail}"
            yield stale("runs", what, f"the first is {first}", first, remake=(made,))
