"""The workflow of a crate: its steps, the tools for them, and Snakemake, which ran them."""

from collections.abc import Iterator

from largebatch.audit.chain import Chain
from largebatch.audit.crate_actions import (
    PARAMETERS,
    STEPS,
    action_id,
    entity_id,
    links,
    shown_files,
)
from largebatch.records import file_digest

SNAKEMAKE = "https://snakemake.github.io"


def workflow(chain: Chain) -> Iterator[dict]:
    """The Snakefile, its language, and each step of the chain with the tool that performs it."""
    steps = chain.records
    yield {
        "@id": "Snakefile",
        "@type": ["File", "SoftwareSourceCode", "ComputationalWorkflow", "HowTo"],
        "name": "largebatch",
        "version": chain.sidecar.record.get("git", {}).get("commit", "unknown commit"),
        "encodingFormat": "text/x-python",
        "programmingLanguage": {"@id": f"{SNAKEMAKE}/#language"},
        "hasPart": links(f"#tool-{step}" for step in steps),
        "step": links(f"#step-{step}" for step in steps),
        "buildInstructions": {"@id": "envs/pipeline.lock"},
        "sha256": file_digest(chain.root / "Snakefile"),
    }
    yield {
        "@id": f"{SNAKEMAKE}/#language",
        "@type": "ComputerLanguage",
        "name": "Snakemake",
        "url": SNAKEMAKE,
    }
    for position, step in enumerate(steps):
        rule, purpose = STEPS[step]
        yield {
            "@id": f"#step-{step}",
            "@type": "HowToStep",
            "name": rule,
            "position": str(position),
            "workExample": {"@id": f"#tool-{step}"},
        }
        yield {
            "@id": f"#tool-{step}",
            "@type": "SoftwareApplication",
            "name": f"largebatch {rule}",
            "description": purpose,
            "softwareVersion": _code(chain, step),
            **({"input": links(f"#{name}" for name in PARAMETERS)} if step == "train" else {}),
        }


def _code(chain: Chain, step: str) -> str:
    digests = sorted({record["code"]["digest"] for record in chain.records[step]})
    return ", ".join(digests)


def engine(chain: Chain) -> Iterator[dict]:
    """Snakemake, one ControlAction for each step, and the run of the whole workflow."""
    steps, records = chain.records, chain.all_records
    version = chain.sidecar.record.get("packages", {}).get("snakemake")
    yield {"@id": "#diverged", "@type": "PropertyValue", "name": "status", "value": "diverged"}
    yield {
        "@id": SNAKEMAKE,
        "@type": "SoftwareApplication",
        "name": "Snakemake",
        "url": SNAKEMAKE,
        **({"softwareVersion": version} if version else {}),
    }
    for step in steps:
        yield {
            "@id": f"#control-{step}",
            "@type": "ControlAction",
            "name": f"jobs of the rule {STEPS[step][0]}",
            "instrument": {"@id": f"#step-{step}"},
            "object": links(action_id(record) for record in chain.records[step]),
        }
    yield {
        "@id": "#organize",
        "@type": "OrganizeAction",
        "name": "Snakemake",
        "instrument": {"@id": SNAKEMAKE},
        "object": links(f"#control-{step}" for step in steps),
        "result": {"@id": "#workflow-run"},
    }
    yield {
        "@id": "#workflow-run",
        "@type": "CreateAction",
        "name": f"{chain.subject.name} of the study {chain.study.name}",
        "description": "from data to pictures",
        "actionStatus": "http://schema.org/CompletedActionStatus",
        "instrument": {"@id": "Snakefile"},
        "object": links(map(entity_id, [str(chain.study.file), *chain.data])),
        "result": links(map(entity_id, [*shown_files(chain), chain.subject.table])),
        "startTime": min(record["started"] for record in records),
        "endTime": max(record["finished"] for record in records),
    }
