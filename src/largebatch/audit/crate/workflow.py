"""The workflow of a crate: its steps, the tools for them, and Snakemake, which ran them."""

from collections.abc import Iterator

from largebatch.audit.chain.chain import Chain
from largebatch.audit.crate.words import (
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
    yield _snakefile(chain)
    yield {
        "@id": f"{SNAKEMAKE}/#language",
        "@type": "ComputerLanguage",
        "name": "Snakemake",
        "url": SNAKEMAKE,
    }
    for position, step in enumerate(chain.records):
        yield {
            "@id": f"#step-{step}",
            "@type": "HowToStep",
            "name": STEPS[step][0],
            "position": str(position),
            "workExample": {"@id": f"#tool-{step}"},
        }
        yield _tool(chain, step)


def _snakefile(chain: Chain) -> dict:
    commit = chain.verified_sidecar.record.get("git", {}).get("commit")
    return {
        "@id": "Snakefile",
        "@type": ["File", "SoftwareSourceCode", "ComputationalWorkflow", "HowTo"],
        "name": "largebatch",
        **({"version": commit} if commit else {}),
        "encodingFormat": "text/x-python",
        "programmingLanguage": {"@id": f"{SNAKEMAKE}/#language"},
        "hasPart": links(f"#tool-{step}" for step in chain.records),
        "step": links(f"#step-{step}" for step in chain.records),
        "buildInstructions": {"@id": "envs/pipeline.lock"},
        "sha256": file_digest(chain.root / "Snakefile"),
    }


def _tool(chain: Chain, step: str) -> dict:
    rule, purpose = STEPS[step]
    code = sorted({record["code"]["digest"] for record in chain.records[step]})
    return {
        "@id": f"#tool-{step}",
        "@type": "SoftwareApplication",
        "name": f"largebatch {rule}",
        "description": purpose,
        "softwareVersion": ", ".join(code),
        **({"input": links(f"#{name}" for name in PARAMETERS)} if step == "train" else {}),
    }


def engine(chain: Chain) -> Iterator[dict]:
    """Snakemake, one ControlAction for each step, and the run of the whole workflow."""
    yield _snakemake(chain)
    for step, records in chain.records.items():
        yield {
            "@id": f"#control-{step}",
            "@type": "ControlAction",
            "name": f"jobs of the rule {STEPS[step][0]}",
            "instrument": {"@id": f"#step-{step}"},
            "object": links(map(action_id, records)),
        }
    yield {
        "@id": "#organize",
        "@type": "OrganizeAction",
        "name": "Snakemake",
        "instrument": {"@id": SNAKEMAKE},
        "object": links(f"#control-{step}" for step in chain.records),
        "result": {"@id": "#workflow-run"},
    }
    yield _workflow_run(chain)


def _snakemake(chain: Chain) -> dict:
    version = chain.verified_sidecar.record.get("packages", {}).get("snakemake")
    return {
        "@id": SNAKEMAKE,
        "@type": "SoftwareApplication",
        "name": "Snakemake",
        "url": SNAKEMAKE,
        **({"softwareVersion": version} if version else {}),
    }


def _workflow_run(chain: Chain) -> dict:
    records, made = chain.all_records, (*shown_files(chain), chain.subject.table)
    return {
        "@id": "#workflow-run",
        "@type": "CreateAction",
        "name": f"{chain.subject.name} of the study {chain.study.name}",
        "description": "from data to pictures",
        "actionStatus": "http://schema.org/CompletedActionStatus",
        "instrument": {"@id": "Snakefile"},
        "object": links(map(entity_id, [str(chain.study.file), *chain.data])),
        "result": links(entity_id(name) for name in made if name),
        "startTime": min(record["started"] for record in records),
        "endTime": max(record["finished"] for record in records),
    }
