"""The actions of a crate: each record as a schema.org CreateAction."""

from collections.abc import Iterator
from pathlib import Path

from largebatch.audit.chain.chain import Chain
from largebatch.audit.crate.words import (
    PARAMETERS,
    STEPS,
    TERMS,
    action_id,
    entity_id,
    links,
    shown_files,
    value_id,
)

DIVERGED = "#diverged"  # a property of the action, since a divergence is a result


def parameters(chain: Chain) -> Iterator[dict]:
    """The parameters that distinguish the runs, with each value once; empty without runs."""
    for name in PARAMETERS if chain.runs else ():
        values = {run.record["settings"][name] for run in chain.runs.values()}
        ids = {value_id(name, value): value for value in sorted(values)}
        yield {
            "@id": f"#{name}",
            "@type": "FormalParameter",
            "additionalType": "Text" if name == "optimizer" else "Number",
            "name": name,
            "workExample": links(ids),
        }
        for each, value in ids.items():
            yield {
                "@id": each,
                "@type": "PropertyValue",
                "name": name,
                "value": value,
                "exampleOfWork": {"@id": f"#{name}"},
            }


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
        used += [value_id(name, record["settings"][name]) for name in PARAMETERS]
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
