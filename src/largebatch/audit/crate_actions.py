"""The actions of a crate: what each record says, as a schema.org CreateAction."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from urllib.parse import quote

from largebatch.audit.chain import Chain, is_data

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
PARAMETERS = ("batch", "effective_lr", "optimizer", "seed")  # of a run, out of its settings


def parameters(chain: Chain) -> Iterator[dict]:
    """What tells the runs apart, each value once; nothing if there are none."""
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
    """One CreateAction a record, and what it points to outside the crate."""
    for name, data in chain.data.items():
        yield _dataset(name, data.table)
        yield _action(data.record, "data", [], [data_id(name)])
    for name, run in chain.runs.items():
        settings = run.record["settings"]
        used = [data_id(each["name"]) for each in run.record["inputs"]]
        used += [_value_id(parameter, settings[parameter]) for parameter in PARAMETERS]
        yield from _resources(run.record)
        yield _action(run.record, "train", used, [file_id(name)])
    for name, table in chain.upward():
        used = [_input_id(each["name"]) for each in table.record["inputs"]]
        yield _action(table.record, chain.step_of(name), used, [file_id(name)])
    made = [file_id(path) for path in shown_files(chain)]
    shown = chain.sidecar.record
    yield _action(shown, chain.subject.steps[1], [file_id(chain.subject.table)], made)


def _action(record: dict, step: str, used: list[str], made: list[str]) -> dict:
    return {
        "@id": action_id(record),
        "@type": "CreateAction",
        "name": f"{step} {record['name']}",
        "description": record.get("command", STEPS[step][1]),
        "actionStatus": "http://schema.org/CompletedActionStatus",
        "instrument": {"@id": f"#tool-{step}"},
        **({"object": links(used)} if used else {}),
        "result": links(made),
        "startTime": record["started"],
        "endTime": record["finished"],
        **_usage(record),
        **({"additionalProperty": {"@id": "#diverged"}} if record["status"] == "diverged" else {}),
    }


def _usage(record: dict) -> dict:
    used = [resource["@id"] for resource in _resources(record)]
    return {"resourceUsage": links(used)} if used else {}


def _resources(record: dict) -> Iterator[dict]:
    if "peak_memory_mb" in record.get("facts", {}):
        yield {
            "@id": f"{action_id(record)}/memory",
            "@type": "PropertyValue",
            "name": "peak memory",
            "propertyID": f"{TERMS}peakMemory",
            "unitCode": "4L",  # UN/CEFACT: megabyte
            "value": str(round(record["facts"]["peak_memory_mb"], 1)),
        }


def _dataset(name: str, digest: str) -> dict:
    """A dataset stays outside (large, and not ours to publish); its digest identifies it."""
    return {
        "@id": data_id(name),
        "@type": "CreativeWork",
        "name": Path(name).stem,
        "description": "prepared tensors; sha256 of names, types, shapes and values",
        "sha256": digest,
    }


def shown_files(chain: Chain) -> list[str]:
    """The pictures or the page, by name."""
    folder = Path(chain.subject.stem).parent
    return [f"{folder}/{name}" for name in chain.sidecar.outputs]


def action_id(record: dict) -> str:
    return f"#make/{quote(record['name'])}"


def data_id(name: str) -> str:
    return f"#{quote(name)}"


def _input_id(name: str) -> str:
    return data_id(name) if is_data(name) else file_id(name)


def file_id(path: str) -> str:
    return quote(path)


def links(ids: Iterable[str]) -> list[dict] | dict:
    """References to entities; JSON-LD wants a single one without a list around it."""
    references = [{"@id": each} for each in ids]
    return references if len(references) != 1 else references[0]
