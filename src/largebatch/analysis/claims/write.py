"""Write a study's claims: `claims.parquet`, `claims.md` and the page's sidecar `claims.json`."""

import time
from pathlib import Path

from largebatch.analysis.claims.bench import Bench
from largebatch.analysis.claims.evaluate import judged
from largebatch.analysis.claims.ledger import claims_name, claims_settings
from largebatch.analysis.claims.page import page
from largebatch.records import (
    Artefact,
    code_digest,
    identity,
    make_record,
    mark,
    read_artefact,
    short_name,
    write_bytes,
    write_sidecar,
    write_table,
)
from largebatch.study import Study


def write_claims(study: Study, root: Path = Path(".")) -> dict[str, Path]:
    """Decide every claim; write the table, the page and its sidecar, each atomically.

    Returns their paths by ending.
    """
    started, bench = time.time(), Bench(study, root)
    table, name = judged(bench), f"{claims_name(study)}.parquet"
    record = make_record(
        "claims",
        name,
        inputs=bench.inputs,
        step="claims",
        settings=claims_settings(study, root),
        started=started,
        root=root,
    )
    write_table(root / name, table, record)
    return {"parquet": root / name, **write_page(study, root, read_artefact(root / name, name))}


def write_page(study: Study, root: Path, source: Artefact) -> dict[str, Path]:
    """Write the page of a table of claims and its sidecar below `root`; returns their paths."""
    started, name, settings = time.time(), claims_name(study), source.record["settings"]
    code = code_digest("claims")["digest"]
    own_identity = identity(short_name(name), source.table_digest, code, settings)
    paths = {ending: root / f"{name}.{ending}" for ending in ("md", "json")}
    text = page(study, source.table, source.table_digest, mark(own_identity))
    write_bytes(paths["md"], text.encode())
    inputs = [source.as_input]
    record = make_record(
        "page", name, inputs=inputs, step="claims", settings=settings, started=started, root=root
    )
    write_sidecar(paths["json"], record, own_identity, [paths["md"]])
    return paths
