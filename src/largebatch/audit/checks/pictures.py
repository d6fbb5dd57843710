"""The link from pictures or a page to their table: checksums, and the identity they carry."""

import os
from collections.abc import Iterator
from pathlib import Path

from largebatch.audit.chain.chain import Chain
from largebatch.audit.finding import Finding, intact, missing, stale, tampered
from largebatch.records import (
    Refusal,
    Sidecar,
    check_file,
    file_digest,
    find_mark,
    identity_of,
)


def picture_findings(chain: Chain) -> list[Finding]:
    """Are all pictures there and unchanged, and does the identity follow from its parts?"""
    sidecar = chain.sidecar
    if sidecar is None:
        return []
    checks = (_files, _unnamed, _identity, _embedded)
    if findings := [found for check in checks for found in check(chain, sidecar)]:
        return findings
    names, identity = " ".join(sidecar.outputs), sidecar.identity[:8]
    return [intact(chain.subject.link, names, f"identity {identity}")]


def _files(chain: Chain, sidecar: Sidecar) -> Iterator[Finding]:
    link, shown = chain.subject.link, chain.subject.shown
    for file, digest in sidecar.outputs.items():
        name = f"{Path(chain.subject.stem).parent}/{file}"
        path = chain.root / name
        if not os.path.isfile(path):
            yield missing(link, name, "the file is not there", remake=(shown,))
        elif fault := _fault(path, digest, sidecar.identity):
            yield _tampered(chain, name, fault)


def _fault(path: Path, digest: str, identity: str) -> str | None:
    """What is wrong with a picture or page, as half a sentence; None if nothing is."""
    try:
        check_file(path)
    except Refusal as refusal:
        return refusal.reason
    if file_digest(path) != digest:
        return "its bytes are not the ones that were written"
    return None if find_mark(path) == identity else "it carries the identity of another drawing"


def _unnamed(chain: Chain, sidecar: Sidecar) -> Iterator[Finding]:
    """Files without a digest in the sidecar, which could be anything, and files of others in it."""
    own, named = chain.subject.files, sidecar.outputs
    if unnamed := [name for name in own if name not in named]:
        detail = f"it has no digest of {', '.join(unnamed)}"
        yield _tampered(chain, f"{chain.subject.stem}.json", detail)
    if others := [name for name in named if name not in own]:
        detail = f"it names {', '.join(others)}, which no step writes there"
        yield _tampered(chain, f"{chain.subject.stem}.json", detail)


def _identity(chain: Chain, sidecar: Sidecar) -> Iterator[Finding]:
    record = sidecar.record
    named = [each["name"] for each in record["inputs"]]
    of_one = chain.subject.table is None or named == [chain.subject.table]
    if not (named and of_one and sidecar.identity == identity_of(record)):
        detail = "its identity does not follow from its table, code and settings"
        yield _tampered(chain, f"{chain.subject.stem}.json", detail)


def _embedded(chain: Chain, sidecar: Sidecar) -> Iterator[Finding]:
    """Are the files that a page embeds the ones that exist now?"""
    link, shown = chain.subject.link, chain.subject.shown
    for name, digest in sidecar.record["facts"].get("shows", {}).items():
        path = chain.root / name
        if not os.path.isfile(path) or file_digest(path) != digest:
            yield stale(link, name, f"not the version that {shown} shows", name, remake=(shown,))


def _tampered(chain: Chain, name: str, detail: str) -> Finding:
    return tampered(chain.subject.link, name, detail, remake=(chain.subject.shown,))
