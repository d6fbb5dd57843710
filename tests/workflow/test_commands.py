"""What the small commands say."""

import json
import re
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path
from types import SimpleNamespace

import pytest
from checkout import PROJECT, Checkout
from test_incremental import FIRST, SECOND, run
from typer.testing import CliRunner

from largebatch.cli.app import app
from largebatch.cli.train import _why, _work, train
from largebatch.errors import UserError
from largebatch.study import load_study
from largebatch.training import worker
from largebatch.training.execution import Execution

DEMO = load_study("demo", PROJECT)
SPEC = DEMO.spec(next(run for run in DEMO.runs if run.optimizer == "sgd"))
COMMANDS = [command.callback.__name__ for command in app.registered_commands]


def test_runs_and_status(checkout: Checkout) -> None:
    assert set(checkout.largebatch("runs").split()) == FIRST | SECOND
    assert checkout.largebatch("runs", "--missing") == ""
    (checkout.root / run()).unlink()
    assert checkout.largebatch("runs", "--missing").split() == [run()]
    lines = checkout.largebatch("status").splitlines()
    columns = "study=tiny done diverged running waiting failed stale drawn"
    assert lines[0].split() == columns.split()
    assert lines[1].split() == ["fig1", "7", "0", "0", "1", "0", "0", "yes"]
    assert lines[2].split() == ["fig2", "8", "0", "0", "0", "0", "0", "yes"]


def test_the_list_of_commands_cuts_no_sentence_short() -> None:
    said = CliRunner(env={"COLUMNS": "80"}).invoke(app, ["--help"]).output
    assert all(f"\n  {command} " in said for command in COMMANDS)
    assert "..." not in said.partition("Commands:")[2]


def test_the_version_is_that_of_the_package() -> None:
    assert CliRunner().invoke(app, ["--version"]).output == f"largebatch {version('largebatch')}\n"


@pytest.mark.parametrize("command", COMMANDS)
def test_help_has_an_example(command: str) -> None:
    said = CliRunner().invoke(app, [command, "--help"]).output
    assert f"Example: largebatch {command}" in said


def test_the_run_of_the_example_exists() -> None:
    example = re.search(r"Example: largebatch train (\S+) --study (\S+)", train.__doc__)
    name, study = example.groups()
    assert name in {run.name for run in load_study(study, PROJECT).runs}


def test_parsing_imports_no_torch() -> None:
    rules = "\n".join(file.read_text() for file in (PROJECT / "workflow/rules").glob("*.smk"))
    imports = re.findall(r"^from largebatch[^(\n]*(?:\([^)]*\)|$)", rules, re.MULTILINE)
    assert len(imports) > 10
    code = "\n".join([*imports, "import sys", "assert 'torch' not in sys.modules"])
    subprocess.run([sys.executable, "-c", code], check=True)


def test_only_training_imports_torch(checkout: Checkout) -> None:
    code = (
        "import sys; sys.argv = ['largebatch', 'status']\n"
        "from largebatch.cli.app import app\n"
        "app(standalone_mode=False)\n"
        "assert 'torch' not in sys.modules"
    )
    subprocess.run(
        [sys.executable, "-c", code], cwd=checkout.root, env=checkout.environment, check=True
    )


def test_data_that_are_missing_are_told_here_and_in_the_log(fresh: Checkout) -> None:
    sentence = "none: it does not exist; make it with `snakemake data --config study=<name>`."
    log = fresh.root / "log"
    one = ("--spec", json.dumps(SPEC), "--out", "run.parquet", "--log", str(log), "--data", "none")
    assert fresh.largebatch("train", *one, code=2) == f"largebatch: {sentence}\n"
    assert log.read_text() == f"largebatch: {sentence}\n"
    said = fresh.largebatch("train", Path(run()).as_posix(), code=2)
    assert said.count("\n") == 1
    assert "make it with `largebatch data digits --study tiny`" in said


def test_a_file_that_cannot_be_written_is_named(checkout: Checkout) -> None:
    (checkout.root / "runs.csv").mkdir()
    said = checkout.largebatch("export", "runs.csv", code=2)
    assert said == "largebatch: runs.csv: Is a directory; fix that and start again.\n"


def test_a_batch_larger_than_data_of_ones_own(checkout: Checkout) -> None:
    """No study tells the size of such data, and a run without a minibatch would seem diverged."""
    data, out, log = "results/data/digits.safetensors", "run.parquet", checkout.root / "log"
    one = ("--spec", json.dumps(SPEC | {"batch": 1438}), "--data", data, "--out", out)
    said = checkout.largebatch("train", *one, "--log", str(log), code=2)
    assert f"{data}: a batch of 1438 is larger than its 1437 training examples" in said
    assert log.read_text() == said
    assert not (checkout.root / out).exists()


def test_a_precision_that_this_machine_has_not(checkout: Checkout) -> None:
    """Its record would say tf32 of what was computed in fp32."""
    checkout.edit_study(lambda study: study["tasks"]["first"].update(precision="tf32"))
    (checkout.root / run()).unlink()
    said = checkout.largebatch("train", run(), "--device", "cpu", code=2)
    assert "tasks.first.precision: tf32 needs a GPU, and this is a CPU" in said
    assert not (checkout.root / run()).exists()


def test_the_log_of_an_earlier_training_is_no_reason(tmp_path: Path) -> None:
    job = SimpleNamespace(name="first/b64/sgd/lr0.1/seed0", log=tmp_path / "log")
    for words, said in (("finished", "; see above."), ("no room", f": no room ({job.log})")):
        job.log.write_text(f"2026-11-26 07:00:00 {job.name} {words}\n")
        assert _why(job) == said
    assert _why(SimpleNamespace(name=job.name, log=None)) == "; see above."


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ("train RUN --pack F", "a run's name has no effect with --pack"),
        ("train --pack F --tree any", "--tree has no effect with --pack"),
        ("train --pack F --spec {}", "--spec has no effect with --pack"),
        ("train --spec {} --data D --out O RUN", "a run's name has no effect with --spec"),
        ("train --spec {} --data D --out O --study demo", "--study has no effect with --spec"),
        ("train RUN --log F", "--log has no effect without --spec"),
        ("table fig1 --pack F", "a figure's name has no effect with --pack"),
        ("figure --study demo --pack F", "--study has no effect with --pack"),
        ("figure --unfinished --pack F", "--unfinished has no effect with --pack"),
        ("data digits --settings {} --study demo", "--study has no effect with --settings"),
        ("theory --general --study demo", "--study has no effect with --general"),
        ("audit fig1 --remake --json", "--json has no effect with --remake"),
        ("audit fig1 --json --all", "--all has no effect with --json"),
        ("crate --verify C --enable more", "--enable has no effect with --verify"),
    ],
)
def test_arguments_that_would_be_ignored_are_refused(arguments: str, sentence: str) -> None:
    said = CliRunner().invoke(app, arguments.split())
    assert isinstance(said.exception, UserError)
    assert str(said.exception) == f"{sentence}; leave it out."


@pytest.mark.parametrize(("given", "device"), [([], "cpu"), (["--device", "cuda"], "cuda")])
def test_measurements_are_made_where_the_configuration_says(
    fresh: Checkout, monkeypatch, given: list[str], device: str
) -> None:
    asked = []

    def measurer(study, device):
        asked.append(device)
        raise UserError("that is enough")

    monkeypatch.setattr("largebatch.analysis.measure.measurer.Measurer", measurer)
    monkeypatch.chdir(fresh.root)
    config = fresh.root / "config/config.yaml"
    config.write_text(config.read_text().replace("device: auto", "device: cpu"))
    CliRunner().invoke(app, ["measure", "--figure", "fig1", *given])
    assert asked == [device]


def test_a_device_to_measure_on_that_is_none() -> None:
    assert "'gpu' is not one of" in CliRunner().invoke(app, ["measure", "--device", "gpu"]).output


def test_a_misspelt_figure_is_refused_before_another_is_measured(monkeypatch) -> None:
    measured = "largebatch.figures.plates.measured.write_measured"
    monkeypatch.setattr(measured, lambda *_, **__: pytest.fail("it trains"))
    said = CliRunner().invoke(app, ["measure", "--figure", "fig7", "--figure", "fig77"])
    assert isinstance(said.exception, UserError) and "fig77" in str(said.exception)


@pytest.mark.parametrize("command", ["table", "train"])  # `figure` reads it as `table` does
@pytest.mark.parametrize("content", [None, "no JSON", '{"runs": 3}', '{"runs": [{"spec": "{}"}]}'])
def test_a_pack_file_that_is_none(
    fresh: Checkout, monkeypatch, command: str, content: str | None
) -> None:
    monkeypatch.chdir(fresh.root)
    if content is not None:
        Path("pack.json").write_text(content)
    said = CliRunner().invoke(app, [command, "--pack", "pack.json"])
    assert isinstance(said.exception, UserError)
    assert str(said.exception).startswith("pack.json: not a pack file")


def test_a_run_is_trained_once_however_often_and_however_it_is_named(checkout: Checkout) -> None:
    path = Path(run())
    name = path.relative_to("results/tiny/runs").with_suffix("").as_posix()
    named = [name, name, str(path), f"./{path}", str(checkout.root / path)]
    said = []
    changed = checkout.changed_by(lambda: said.append(checkout.largebatch("train", *named)))
    assert changed == {str(path)}
    assert f"largebatch: {path} is stored and will be replaced.\n" in said[0]


def test_a_run_of_a_sweep_that_is_off_is_trained_by_name(checkout: Checkout) -> None:
    off = {"task": "first", "batch": 32, "optimizers": ["sgd"], "effective_lrs": [0.1]}
    off |= {"seeds": [0], "enabled": False, "group": "more"}
    checkout.edit_study(lambda study: study["sweeps"].update(off=off))
    name, made = "first/b32/sgd/lr0.1/seed0", {run(batch=32)}
    assert checkout.largebatch("runs", "--enable", "more").count(name) == 1
    assert checkout.changed_by(lambda: checkout.largebatch("train", name)) == made


def test_what_the_workflow_passes_on(fresh: Checkout) -> None:
    """Groups to all that show them; where downloads go; what starts first, and what with what."""
    off = {"enabled": False, "group": "more", "task": "first", "batch": 32}
    off |= {"optimizers": ["sgd"], "effective_lrs": [0.1]}
    fresh.edit_study(lambda study: study["sweeps"].update(off=off))
    targets = ("claims", "report", "audit", "crate")
    config = ("downloads=elsewhere", "device=cpu", "kernels=off", "convolutions=grouped")
    said = fresh.snakemake("-np", *targets, "--config", "enable=[more]", *config)
    assert said.count(" --enable more ") == len(targets)
    assert " --downloads elsewhere " in said
    assert " --device cpu --tree any --kernels off --convolutions grouped" in said
    for rule, words in {
        "prepare": "priority: 2",
        "train": "priority: 1",
        "table": "pack=tables, lanes=100",
        "figure": "pack=figures, lanes=100",
    }.items():
        assert words in said.partition(f"\nrule {rule}:\n")[2].partition("\n\n")[0]


def test_by_hand_the_configuration_holds_but_for_what_is_said(fresh: Checkout, monkeypatch) -> None:
    asked = []
    monkeypatch.setattr(worker, "train", lambda jobs, **how: asked.append(how) or [])
    monkeypatch.chdir(fresh.root)
    config = fresh.root / "config/config.yaml"
    config.write_text(config.read_text().replace("kernels: auto", 'kernels: "off"'))
    _work([], {"device": "cpu", "kernels": None, "convolutions": "grouped"})
    assert asked[0]["device"] == "cpu"
    assert asked[0]["execution"] == Execution(kernels="off", convolutions="grouped")


@pytest.mark.parametrize("missing", ["typer", "yaml"])
def test_a_package_that_is_missing_is_named(missing: str) -> None:
    code = f"import runpy, sys; sys.modules[{missing!r}] = None\n"
    code += "runpy.run_module('largebatch', run_name='__main__')"
    said = subprocess.run([sys.executable, "-c", code, "runs"], capture_output=True, text=True)
    assert said.returncode == 2
    assert said.stderr == f"largebatch: the package {missing} is not installed; install it.\n"
