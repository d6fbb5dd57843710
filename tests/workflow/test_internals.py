"""What the executor uses of Snakemake beyond its interface, and what it says if that is gone."""

import ast
import logging
from pathlib import Path
from types import SimpleNamespace
from unittest.mock import MagicMock

import pytest
from checkout import PROJECT
from snakemake.shell import shell
from snakemake_interface_common.exceptions import WorkflowError
from snakemake_interface_executor_plugins.executors.remote import RemoteExecutor

from snakemake_executor_plugin_lanes import Executor, internals

PLUGIN = PROJECT / "src/snakemake_executor_plugin_lanes"


def a_workflow(lacks: str = "") -> SimpleNamespace:
    """One in which everything is found but for what it lacks."""

    def has(*names: str, **others) -> SimpleNamespace:
        return SimpleNamespace(**{n: None for n in names if n != lacks}, **others)

    dag = has("needrun_jobs", "reason", jobs=[has(*internals.OF_JOBS)])
    return has("resource_settings", dag=dag, persistence=has(*internals.OF_RECORDS))


@pytest.mark.parametrize("name", ["resource_settings", "reason", "shellcmd", "_read_record"])
def test_a_workflow_that_lacks_something_is_refused(name) -> None:
    """In one sentence, before any job is released."""
    internals.check(a_workflow())
    with pytest.raises(WorkflowError, match=f"Snakemake .* has no {name}, which the executor"):
        internals.check(a_workflow(lacks=name))


@pytest.mark.parametrize(
    ("owner", "name"), [(shell, "_get_process_prefix"), (RemoteExecutor, "_wait_for_jobs")]
)
def test_a_snakemake_that_is_too_new_is_refused(monkeypatch, owner, name) -> None:
    monkeypatch.delattr(owner, name)
    with pytest.raises(WorkflowError, match=f"Snakemake .* has no {name}, which the executor"):
        Executor(a_workflow(), MagicMock())


def imports(file: Path) -> set[str]:
    found = ast.walk(ast.parse(file.read_text()))
    return {node.module for node in found if isinstance(node, ast.ImportFrom) and node.module}


def test_snakemake_itself_is_imported_in_one_file() -> None:
    """The other files need its interfaces only."""
    files = PLUGIN.rglob("*.py")
    using = [f.name for f in files if any(n.split(".")[0] == "snakemake" for n in imports(f))]
    assert using == ["internals.py"]


def test_what_the_scheduler_says_in_each_round_is_left_out(caplog) -> None:
    logger = logging.getLogger("test_internals")
    logger.setLevel(logging.INFO)
    internals.hush(logger)
    for words in ("Select jobs to execute...", "Execute 3 jobs...", None, "Nothing to be done"):
        logger.info(words)
    assert [record.msg for record in caplog.records] == [None, "Nothing to be done"]


def test_environments_of_snakemake_are_refused() -> None:
    """Jobs run in the environment that Snakemake runs in."""
    workflow = a_workflow()
    workflow.deployment_settings = SimpleNamespace(deployment_method={"conda"})
    with pytest.raises(WorkflowError, match=r"--software-deployment-method: .*; leave it out"):
        Executor(workflow, MagicMock())
