"""What made an artefact, and the digests that show whether it is still that artefact."""

from largebatch.records.atomic import replacing, write_bytes
from largebatch.records.code import code_digest
from largebatch.records.columns import column
from largebatch.records.context import hardware, lock_digest, packages, slurm_job
from largebatch.records.digest import canonical_json, digest_of, file_digest, sha256, table_digest
from largebatch.records.git import git_state
from largebatch.records.identity import identity
from largebatch.records.record import make_record, snapshot, store_patch
from largebatch.records.tables import (
    Artefact,
    read_artefact,
    read_record,
    read_table,
    read_with_record,
    write_table,
)

__all__ = [
    "Artefact",
    "canonical_json",
    "code_digest",
    "column",
    "digest_of",
    "file_digest",
    "git_state",
    "hardware",
    "identity",
    "lock_digest",
    "make_record",
    "packages",
    "read_artefact",
    "read_record",
    "read_table",
    "read_with_record",
    "replacing",
    "sha256",
    "slurm_job",
    "snapshot",
    "store_patch",
    "table_digest",
    "write_bytes",
    "write_table",
]
