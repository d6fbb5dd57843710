"""`claims.parquet` and `claims.md` of a study, with the record of what made them."""

import time
from pathlib import Path

from largebatch.analysis.claims.evaluate import judged, new_bench
from largebatch.analysis.claims.ledger import claims_paths, claims_settings, read_ledger
from largebatch.analysis.claims.page import page
from largebatch.records import make_record, sha256, table_digest, write_bytes, write_table
from largebatch.study import Study


def write_claims(study: Study, root: Path = Path(".")) -> tuple[Path, Path]:
    """Decide every claim, write the table and the page, each atomically; returns their paths."""
    started, ledger = time.time(), read_ledger(root)
    bench = new_bench(study, root, ledger)
    table = judged(ledger, bench)
    text = page(study, table, table_digest(table)).encode()
    name, page_name = claims_paths(study)
    record = make_record(
        "claims",
        name,
        inputs=bench.inputs,
        step="claims",
        settings=claims_settings(study, root),
        started=started,
        finished=time.time(),
        status="finished",
        root=root,
        page={"name": page_name, "sha256": sha256(text)},
    )
    write_bytes(root / page_name, text)
    write_table(root / name, table, record)
    return root / name, root / page_name
