"""What the entities of a crate share: names of steps and parameters, and ids."""

from collections.abc import Iterable
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
PARAMETERS = ("batch", "effective_lr", "optimizer", "seed")  # of a run, from its settings


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


def value_id(name: str, value: object) -> str:
    """The id of one value of a parameter."""
    return f"#{name}={quote(str(value))}"
