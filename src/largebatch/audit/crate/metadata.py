"""The JSON-LD of a crate: a Workflow Run RO-Crate, Provenance Run Crate 0.5.

We write it from the records, without a library. There is one action for each dataset, run and
table, and one for the pictures or the page of claims; each step of the workflow is a tool,
identified by its code digest. A diverged run is a completed action with a `status`, since it is a
result. What a record does not say is left out here too.

https://www.researchobject.org/workflow-run-crate/profiles/provenance_run_crate
"""

from collections.abc import Iterable, Iterator
from pathlib import Path

from largebatch.audit.chain.chain import Chain
from largebatch.audit.crate.actions import actions, parameters
from largebatch.audit.crate.words import TERMS, entity_id, links
from largebatch.audit.crate.workflow import engine, workflow
from largebatch.records import file_digest

LICENCE = "https://spdx.org/licenses/MIT"
PROFILES = {  # id: name
    "https://w3id.org/ro/wfrun/process/0.5": "Process Run Crate",
    "https://w3id.org/ro/wfrun/workflow/0.5": "Workflow Run Crate",
    "https://w3id.org/ro/wfrun/provenance/0.5": "Provenance Run Crate",
    "https://w3id.org/workflowhub/workflow-ro-crate/1.0": "Workflow RO-Crate",
}
CONTEXT = [
    "https://w3id.org/ro/crate/1.1/context",
    {name: f"{TERMS}{name}" for name in ("buildInstructions", "resourceUsage", "sha256")},
]
MEDIA = {
    ".html": "text/html",
    ".json": "application/json",
    ".md": "text/markdown",
    ".parquet": "application/vnd.apache.parquet",
    ".patch": "text/x-diff",
    ".pdf": "application/pdf",
    ".png": "image/png",
    ".py": "text/x-python",
    ".svg": "image/svg+xml",
    ".yaml": "application/yaml",
}


def crate_metadata(chain: Chain, files: dict[str, Path]) -> dict:
    """The content of `ro-crate-metadata.json`; `files` maps paths in the crate to their sources."""
    made = list(actions(chain))
    graph = [
        _descriptor(),
        _root(chain, files, made),
        *_profiles(),
        {"@id": LICENCE, "@type": "CreativeWork", "name": "the licence of code and results"},
        *workflow(chain),
        *(_file(path, content) for path, content in files.items() if path != "Snakefile"),
        *parameters(chain),
        *made,
        *engine(chain),
    ]
    return {"@context": CONTEXT, "@graph": graph}


def _descriptor() -> dict:
    return {
        "@id": "ro-crate-metadata.json",
        "@type": "CreativeWork",
        "about": {"@id": "./"},
        "conformsTo": links(
            ["https://w3id.org/ro/crate/1.1", "https://w3id.org/workflowhub/workflow-ro-crate/1.0"]
        ),
    }


def _root(chain: Chain, files: Iterable[str], actions: list[dict]) -> dict:
    creations = [action["@id"] for action in actions if action["@type"] == "CreateAction"]
    return {
        "@id": "./",
        "@type": "Dataset",
        "name": f"{chain.study.name} {chain.subject.name}: {chain.subject.title}",
        "description": f"{chain.study.title}: one {chain.subject.link}, and all that made it",
        "datePublished": chain.verified_sidecar.record["finished"],
        "license": {"@id": LICENCE},
        "conformsTo": links(PROFILES),
        "mainEntity": {"@id": "Snakefile"},
        "hasPart": links(entity_id(path) for path in files),
        "mentions": links(["#workflow-run", *creations]),
    }


def _profiles() -> Iterator[dict]:
    for url, name in PROFILES.items():
        version = url.rpartition("/")[2]
        yield {"@id": url, "@type": "CreativeWork", "name": name, "version": version}


def _file(path: str, content: Path) -> dict:
    return {
        "@id": entity_id(path),
        "@type": "File",
        "name": path,
        "contentSize": str(content.stat().st_size),
        "sha256": file_digest(content),
        "encodingFormat": MEDIA.get(content.suffix, "text/plain"),
    }
