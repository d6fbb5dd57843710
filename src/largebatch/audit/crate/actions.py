"""The actions of a crate: each record as a schema.org CreateAction."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from urllib.parse import quote

from largebatch.audit.chain.chain import Chain
from largebatch.audit.subjects.subject import is_data

TERMS = "https://w3id.org/ro/terms/workflow-run#"
STEPS = {  # step: (rule of the workflow, what it does)
    "data": ("prepare", "fetch a dataset and make it into tensors"),
    "train": ("train", "train one network"),
    "table": ("table", "aggregate the runs of a figure"),
    "figure": ("figure", "draw a table"),
    "claims": ("claims", "decide the paper's statements"),
    "twins": ("twins", "compute and draw the theory twin of a figure"),
    "theory": ("general_theory", "compute and draw a figure of the theory"),
    "measure": ("measure", "train runs again and measure curvature and noise"),
    "measured": ("measure", "draw what was measured"),
    "maps": ("maps", "aggregate and draw runs over batch sizes"),
}
DIVERGED = "#diverged"  # a property of the action, since a divergence is a result
PARAMETERS = ("batch", "effective_lr", "optimizer", "seed")  # of a run, from its settings


def parameters(chain: Chain) -> Iterator[dict]:
    """The parameters that distinguish the runs, with each value once; empty without runs."""
    for name in PARAMETERS if chain.runs else ():
        values = {run.record["settings"][name] for run in chain.runs.values()}
        ids = {_value_id(name, value): value for value in sorted(values)}
        yield {
            "@id": f"#{name}",
            "@type": "FormalParameter",
            "additionalType": "Text" if name == "optimizer" else "Number",
            "name": name,
            "workExample": links(ids),
        }
        for value_id, value in ids.items():
            yield {
                "@id": value_id,
                "@type": "PropertyValue",
                "name": name,
                "value": value,
                "exampleOfWork": {"@id": f"#{name}"},
            }


def _value_id(name: str, value: object) -> str:
    return f"#{name}={quote(str(value))}"


def actions(chain: Chain) -> Iterator[dict]:
    """One CreateAction for each record, and what these name that is no file of the crate."""
    for name, data in chain.data.items():
        yield _dataset(name, data.table)
    if any(record["status"] == "diverged" for record in chain.all_records):
        yield {"@id": DIVERGED, "@type": "PropertyValue", "name": "status", "value": "diverged"}
    for step, records in chain.records.items():
        for record in records:
            yield from _memory(record)
            yield _action(chain, step, record)


def _action(chain: Chain, step: str, record: dict) -> dict:
    used = [entity_id(each["name"]) for each in record["inputs"]]
    if step == "train":
        used += [_value_id(name, record["settings"][name]) for name in PARAMETERS]
    memory = [entity["@id"] for entity in _memory(record)]
    diverged = record["status"] == "diverged"
    return {
        "@id": action_id(record),
        "@type": "CreateAction",
        "name": f"{step} {record['name']}",
        "description": record.get("command", STEPS[step][1]),
        "actionStatus": "http://schema.org/CompletedActionStatus",
        "instrument": {"@id": f"#tool-{step}"},
        **({"object": links(used)} if used else {}),
        "result": links(_made(chain, record["name"])),
        "startTime": record["started"],
        "endTime": record["finished"],
        **({"resourceUsage": links(memory)} if memory else {}),
        **({"additionalProperty": {"@id": DIVERGED}} if diverged else {}),
    }


def _made(chain: Chain, name: str) -> list[str]:
    """Ids of the entities that the record of this name describes: a file, a dataset or pictures."""
    files = shown_files(chain) if name == chain.subject.stem else [name]
    return [entity_id(file) for file in files]


def _memory(record: dict) -> Iterator[dict]:
    if "peak_memory_mb" in record["facts"]:
        yield {
            "@id": f"{action_id(record)}/memory",
            "@type": "PropertyValue",
            "name": "peak memory",
            "propertyID": f"{TERMS}peakMemory",
            "unitCode": "4L",  # UN/CEFACT: megabyte
            "value": str(round(record["facts"]["peak_memory_mb"], 1)),
        }


def _dataset(name: str, digest: str) -> dict:
    """A dataset, which stays outside (it is large and not ours to publish); its digest names it."""
    return {
        "@id": entity_id(name),
        "@type": "CreativeWork",
        "name": Path(name).stem,
        "description": "prepared tensors; sha256 of names, types, shapes and values",
        "sha256": digest,
    }


def shown_files(chain: Chain) -> list[str]:
    """Paths of the pictures, or of the page of claims."""
    folder = Path(chain.subject.stem).parent
    return [f"{folder}/{name}" for name in chain.verified_sidecar.outputs]


def action_id(record: dict) -> str:
    return f"#make/{quote(record['name'])}"


def entity_id(name: str) -> str:
    """The id of a file in the crate, or of a dataset, which is not in it."""
    return f"#{quote(name)}" if is_data(name) else quote(name)


def links(ids: Iterable[str]) -> list[dict] | dict:
    """References to entities; in JSON-LD a single one is not put into a list."""
    references = [{"@id": each} for each in ids]
    return references if len(references) != 1 else references[0]
