"""The options of `sbatch` for a pack, and which of them a user may not override.

The stock plugin builds most of the call, so its resources mean the same here.
"""

import os
import shlex
from dataclasses import replace
from pathlib import Path

from snakemake_executor_plugin_slurm.submit_string import get_submit_command
from snakemake_interface_common.exceptions import WorkflowError

from snakemake_executor_plugin_lanes.cluster.limits import Limits
from snakemake_executor_plugin_lanes.settings import ExecutorSettings

NOTICE = 120
# Options that `extra` may not contain, with the reason or what to do instead.
OURS = {
    ("--account", "-A"): "set account instead",
    ("--partition", "-p"): "set partition instead",
    ("--qos", "-q"): "set qos instead",
    ("--constraint", "-C"): "set constraint instead",
    ("--time", "-t"): "set walltime instead",
    ("--mem", "--mem-per-cpu", "--mem-per-gpu"): "set memory_mb instead",
    ("--cpus-per-task", "-c", "--cpus-per-gpu"): "set cpus instead",
    ("--gpus", "-G", "--gres"): "set gpus and gpu_type instead",
    ("--gpus-per-node", "--gpus-per-task", "--gpus-per-socket"): "set gpus and gpu_type instead",
    ("--nodes", "-N"): "a pack is one process on one node",
    ("--ntasks", "-n", "--ntasks-per-node", "--ntasks-per-gpu"): "a pack is one process",
    ("--array", "-a"): "a pack is one job",
    ("--signal",): "set notice instead",
    ("--requeue", "--no-requeue"): "packs are requeued unless snakemake has --lanes-no-requeue",
    ("--export", "--export-file"): "packs get your environment; export variables in setup instead",
    ("--output", "-o", "--error", "-e", "--open-mode"): "what a pack prints goes to its output.log",
    ("--job-name", "-J"): "packs are found in the queue by their names",
    ("--comment",): "it says which task and batch a pack belongs to",
    ("--chdir", "-D"): "packs run in the project's folder",
    ("--clusters", "-M"): "export SLURM_CLUSTERS instead, which squeue and scancel heed too",
    ("--parsable", "--wait", "-W"): "sbatch has to print the id of the job at once",
    ("--test-only", "--wrap", "--help", "-h", "--version", "-V"): "sbatch has to submit the pack",
}


def command(
    job,
    name: str,
    log: Path | str,
    comment: str,
    *,
    partition: str | None,
    limits: Limits,
    settings: ExecutorSettings,
) -> list[str]:
    """The `sbatch` call for a pack led by `job`, without its script. Raises WorkflowError.

    Packs are requeued (unless `--lanes-no-requeue`): after a node failure or a preemption SLURM
    starts a pack again, and it goes on from its checkpoints. Snakemake's retries are for packs
    that have ended for good.
    """
    check_extra(job.resources.get("slurm_extra") or "")
    account = job.resources.get("slurm_account")
    facts = {
        "run_uuid": name,
        "slurm_logfile": str(log).replace("%", "%%"),  # SLURM would replace a %x of the path
        "comment_str": comment,
        "account": f"-A {shlex.quote(str(account))}" if account else "",
        "partition": f"-p {shlex.quote(partition)}" if partition else "",
        "workdir": os.getcwd(),
    }
    requeued = replace(settings, requeue=not settings.no_requeue)  # type: ignore[call-arg]  # inherited
    call = shlex.split(get_submit_command(job, facts, requeued, failed_nodes=()))
    notice = job.resources.get("notice", NOTICE)
    call += [*_gpus(job), "--open-mode=append", f"--signal=B:USR1@{notice}"]
    # A retry asks for more than the first try, but for no more than there is.
    if longest := limits.exceeded(job, partition):
        call += ["-t", str(longest)]
    if most := limits.memory(job, partition):
        call += ["--mem", str(most)]
    return call


def check_extra(extra: str) -> None:
    """Raise WorkflowError, one sentence, if `extra` is no list of options or has one of ours."""
    try:
        words = shlex.split(extra)
    except ValueError as error:
        raise WorkflowError(f"config/cluster.yaml: extra: {error}: {extra}") from None
    for word in words:
        for options, instead in OURS.items():
            if any(_is(word, option) for option in options):
                raise WorkflowError(
                    f"config/cluster.yaml: extra: {word} cannot be given here: {instead}."
                )


def _is(word: str, option: str) -> bool:
    """Does sbatch read `word` as `option`? `--part=gpu` is `--partition`, and `-pgpu` is `-p`."""
    if word.startswith("--"):
        return option.startswith(word.partition("=")[0])
    return word.startswith(option)


def _gpus(job) -> list[str]:
    """Options that ask for GPUs.

    The stock plugin refuses GPU types with hyphens, but SLURM has some: nvidia_a100-sxm4-80gb.
    """
    gres, model = job.resources.get("gres"), job.resources.get("gpu_model")
    count = job.resources.get("gpu", 1 if model else 0)
    asked = [f"--gres={gres}"] if gres else []
    return [*asked, f"--gpus={model}:{count}" if model else f"--gpus={count}"] if count else asked
