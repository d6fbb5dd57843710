# What the rules share: the configuration, checked, and what follows from it. A fault of the user ends here, in one sentence.

import os
import shlex
import sys
from dataclasses import replace
from functools import cache, partial
from pathlib import Path

from largebatch.analysis.claims.ledger import claims_settings
from largebatch.analysis.data_names import replaced_data
from largebatch.analysis.measure.files import measured_files
from largebatch.analysis.same_data import Prepared
from largebatch.analysis.stored import is_stored
from largebatch.data.amount import prepared_amount
from largebatch.data.own import own_files
from largebatch.errors import UserError
from largebatch.records import (
    STEPS,
    Tree,
    canonical_json,
    check_sources,
    code_digest,
    seconds_per_epoch,
)
from largebatch.study import check_config, load_study
from largebatch.study.cluster import read_cluster
from largebatch.study.command_line import typed
from largebatch.study.load import CONFIG
from largebatch.study.packs import Packs
from largebatch.study.plan import Plan
from largebatch.study.told import told
from largebatch.study.yaml_files import read_yaml
from snakemake_executor_plugin_lanes.gpus import visible_here

# Snakemake itself would accept a key that is given twice, and read 1:30 as 90.
CONFIGS = {
    file: told(read_yaml)(file)
    for file in map(Path, map(os.path.relpath, [CONFIG, *workflow.configfiles]))
    if file.suffix in (".yaml", ".yml")
}


configfile: CONFIG


try:
    check_sources(Path(workflow.basedir))
    SUBMITTED = "cluster" in config  # --profile slurm
    CLUSTER = read_cluster(config.pop("cluster", {}))
    config.update(typed(config))
    check_config(config, CONFIGS)
    STUDY = load_study(config["study"], enable=config["enable"])
    # Asked when the first run is ready, after its data; later runs of this call get the same answer.
    STUDY = replace(STUDY, prepared=cache(partial(prepared_amount, STUDY)))
    STORED = cache(partial(is_stored, STUDY))  # every figure that shows a run asks
    PLAN = Plan(STUDY, STORED if config["unfinished"] else None)
    PACKS = Packs(
        STUDY,
        config,
        CLUSTER if SUBMITTED else None,
        seconds_per_epoch,
        gpu_here=lambda: bool(visible_here()),
    )
    ENABLE = " ".join(f"--enable {group}" for group in config["enable"])
    TREE = Tree.wanted(STUDY.faithful, config["allow_dirty"])
    UNFINISHED = "--unfinished" if config["unfinished"] else ""
    CODE = {step: code_digest(step)["digest"] for step in STEPS if step != "train"}
    CLAIMS = canonical_json(claims_settings(STUDY))
    # The user's own files that data sets are made from.
    OWN = [str(f) for d in STUDY.datasets.values() for f in own_files(d).values()]
    TRAINING = cache(lambda kind: code_digest("train", kind=kind))
    PREPARED = Prepared(STUDY, CODE["data"], TRAINING, ancient)
    if workflow.is_main_process:
        for sentence in replaced_data(STUDY):
            logger.warning(f"largebatch: {sentence}")
except UserError as error:
    # A WorkflowError would be printed with lines of this file.
    sys.exit(f"largebatch: {error}")

# `largebatch` in the rules is that of this environment, whether activated or not; with --executor local --sdm conda, these
# sources run in conda's Python.
if workflow.deployment_settings.deployment_method:
    PYTHON = f"PYTHONPATH={shlex.quote(workflow.basedir)}/src python"
else:
    PYTHON = shlex.quote(sys.executable)
shell.prefix(f'set -euo pipefail; largebatch() ( {PYTHON} -m largebatch "$@" ); ')


# The measurements that exist or that this call asks for; known only once the DAG is built.
MEASURED = lambda _: measured_files(STUDY, asked=workflow.dag_settings.targets)
