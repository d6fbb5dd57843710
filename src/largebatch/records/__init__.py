"""Records of what made an artefact, and digests that show whether it has changed since."""

from largebatch.records.atomic import only_one, replacing, replacing_folder, write_bytes
from largebatch.records.code import STEPS, check_sources, code_digest
from largebatch.records.columns import column
from largebatch.records.committed import apply_patch, committed_files, committed_text, last_commit
from largebatch.records.context import hardware, lock_digest, packages, slurm_job
from largebatch.records.digest import canonical_json, digest_of, file_digest, sha256, table_digest
from largebatch.records.git import tracked_files
from largebatch.records.identity import find_mark, identity, identity_of, mark, short_name
from largebatch.records.pace import duration, seconds_per_epoch
from largebatch.records.patches import changed_files, patch_name
from largebatch.records.record import data_input, has_settings, make_record, snapshot
from largebatch.records.refusal import Refusal, check_file, check_name, damaged, remake
from largebatch.records.sidecar import Sidecar, read_sidecar, write_sidecar
from largebatch.records.tables import (
    Artefact,
    glance,
    read_artefact,
    read_record,
    read_table,
    read_with_record,
    write_table,
)
from largebatch.records.tree import Tree, check_tree

__all__ = [
    "STEPS",
    "Artefact",
    "Refusal",
    "Sidecar",
    "Tree",
    "apply_patch",
    "canonical_json",
    "changed_files",
    "check_file",
    "check_name",
    "check_sources",
    "check_tree",
    "code_digest",
    "column",
    "committed_files",
    "committed_text",
    "damaged",
    "data_input",
    "digest_of",
    "duration",
    "file_digest",
    "find_mark",
    "glance",
    "hardware",
    "has_settings",
    "identity",
    "identity_of",
    "last_commit",
    "lock_digest",
    "make_record",
    "mark",
    "only_one",
    "packages",
    "patch_name",
    "read_artefact",
    "read_record",
    "read_sidecar",
    "read_table",
    "read_with_record",
    "remake",
    "replacing",
    "replacing_folder",
    "seconds_per_epoch",
    "sha256",
    "short_name",
    "slurm_job",
    "snapshot",
    "table_digest",
    "tracked_files",
    "write_bytes",
    "write_sidecar",
    "write_table",
]
