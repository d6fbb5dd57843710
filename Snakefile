"""The nine figures of Smith, Elsen & De (2019), from data to pictures: a table of contents.

    snakemake figures                           the demo study, on this machine
    snakemake figures --config study=paper      the whole paper, on this machine
    snakemake --profile slurm figures           the whole paper, on a cluster

One job is one run of the sweep; the executor `lanes` trains many of them in one process. Any other
executor trains them one by one and gets the same numbers.
"""

import sys
from functools import cache, partial
from pathlib import Path

from snakemake.exceptions import WorkflowError

from largebatch.analysis.claims.ledger import claims_settings
from largebatch.analysis.measure.files import measured_files
from largebatch.analysis.same_data import Prepared
from largebatch.analysis.stored import is_stored
from largebatch.data.own import own_files
from largebatch.errors import UserError
from largebatch.figures.face import labels
from largebatch.records import (
    STEPS,
    Tree,
    canonical_json,
    check_tree,
    code_digest,
    seconds_per_epoch,
)
from largebatch.study import check_config, load_study
from largebatch.study.cluster import read_cluster
from largebatch.study.command_line import typed
from largebatch.study.lanes import work
from largebatch.study.packs import Packs
from largebatch.study.plan import Plan
from largebatch.study.told import told
from largebatch.study.yaml_files import read_yaml


configfile: "config/config.yaml"


try:
    # Snakemake itself takes a key given twice, and 1:30 for 90.
    for file in map(Path, workflow.configfiles):
        if file.suffix in (".yaml", ".yml"):
            read_yaml(file)
    SUBMITTED = "cluster" in config  # --profile slurm
    CLUSTER = read_cluster(config.pop("cluster", {}))
    config.update(typed(config))
    check_config(config)
    STUDY = load_study(config["study"], enable=config["enable"])
    STORED = cache(partial(is_stored, STUDY))  # asked of a run by each of its figures
    PLAN = Plan(STUDY, STORED if config["unfinished"] else None)
    PACKS = Packs(STUDY, config, CLUSTER if SUBMITTED else None, seconds_per_epoch)
    ENABLE = " ".join(f"--enable {group}" for group in config["enable"])
    TREE = Tree.wanted(STUDY.faithful, config["allow_dirty"])
    UNFINISHED = "--unfinished" if config["unfinished"] else ""
    CODE = {step: code_digest(step)["digest"] for step in STEPS if step != "train"}
    CLAIMS = canonical_json(claims_settings(STUDY))
    PREPARED = Prepared(STUDY, CODE["data"], ancient)
    # The user's own files that a data set is made of.
    OWN = {d: [*map(str, own_files(s).values())] for d, s in STUDY.datasets.items()}
    KINDS = {task.model["kind"] for task in STUDY.tasks.values()}
    TRAINER = {kind: code_digest("train", kind=kind)["digest"] for kind in KINDS}
except UserError as error:
    raise WorkflowError(str(error))

# The rules' `largebatch` is this environment's, activated or not; with --executor local --sdm conda it is these sources in conda's Python.
if workflow.deployment_settings.deployment_method:
    PYTHON = f'PYTHONPATH="{workflow.basedir}/src" python'
else:
    PYTHON = f'"{sys.executable}"'
shell.prefix(f'set -euo pipefail; largebatch() ( {PYTHON} -m largebatch "$@" ); ')


# The measurements that exist or that this call asks for; known only once the DAG is built.
MEASURED = lambda _: measured_files(STUDY, asked=workflow.dag_settings.targets)


wildcard_constraints:
    study=STUDY.name,
    dataset="[^/]+",
    figure="[^/]+",
    name="[^/]+",


rule figures:
    """Every figure, and every run behind them: a run that is missing is trained again."""
    default_target: True
    input:
        [PLAN.pictures(figure) for figure in PLAN.figures],
        PLAN.runs,


rule tables:
    input:
        [PLAN.table(figure) for figure in PLAN.figures],


rule runs:
    input:
        PLAN.runs,


rule data:
    input:
        [PLAN.data(dataset) for dataset in STUDY.used_datasets()],


for figure in PLAN.figures:

    rule:
        name:
            figure
        input:
            PLAN.pictures(figure),
            PLAN.runs_of(figure),


include: "workflow/rules/data.smk"


if not config["unfinished"]:  # drawing what exists trains nothing

    include: "workflow/rules/train.smk"


include: "workflow/rules/tables.smk"
include: "workflow/rules/figures.smk"
include: "workflow/rules/claims.smk"
include: "workflow/rules/theory.smk"
include: "workflow/rules/measured.smk"
include: "workflow/rules/maps.smk"
include: "workflow/rules/report.smk"
include: "workflow/rules/audit.smk"
include: "workflow/rules/unknown.smk"


onstart:  # once, before any job; the trainer asks again when it starts
    missing = [
        f"datasets.{dataset}: {file}"
        for dataset in STUDY.used_datasets()
        for file in OWN[dataset]
        if not Path(file).exists()
    ]
    # Snakemake is silent while something that was made of them exists.
    for file in missing:
        logger.warning(
            f"largebatch: {STUDY.file}: {file} is not there; nothing is made of it again."
        )
    trains = any(job.rule.name == "train" for job in workflow.dag.needrun_jobs())
    try:
        if changes := check_tree(TREE if trains else Tree.ANY, workflow.basedir):
            logger.warning(f"largebatch: {changes}")
    except UserError as error:
        # A WorkflowError would bring lines of this file with it.
        logger.error(f"largebatch: {error}")
        sys.exit(1)
