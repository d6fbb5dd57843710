"""A mistake in a study or on the command line is one sentence, the same from both programs."""

import re
import shutil
import subprocess
import sys

import pytest
from checkout import PROJECT, Checkout
from typer.testing import CliRunner

from largebatch.cli.app import app
from largebatch.errors import UserError
from largebatch.study import load_study
from largebatch.study.plan import Plan


def test_a_mistake_in_the_study(fresh: Checkout) -> None:
    fresh.edit_study(lambda study: study["sweeps"]["first"].update(optimizers=["momentum-1"]))
    said = fresh.largebatch("runs", code=2)
    assert said.startswith("largebatch: config/studies/tiny.yaml: sweeps.first.optimizers: ")
    assert said.count("\n") == 1
    assert f"\n{said}" in fresh.snakemake("-n", "figures", code=1)
    assert not (fresh.root / "results").exists()


@pytest.mark.parametrize(
    ("arguments", "fault"),
    [
        (["status", "--study", "nosuch"], "there is no study 'nosuch'"),
        (["status", "--study", ""], "there is no study ''"),
        (
            ["train", "first/b64/sgd/lr0.10/seed0"],
            "there is no run 'first/b64/sgd/lr0.10/seed0'; results/tiny/runs/first/b64/sgd/lr0.1/"
            "seed0.parquet is much like it, and `largebatch runs --study tiny` lists all.",
        ),
        (["train", ""], "there is no run ''"),
        (["train"], "name a run to train"),
        (["data", "nosuch"], "there is no 'nosuch'"),
        (["figure", "fig99"], "there is no figure 'fig99'"),
        (["audit", "fig.99"], "there is no figure 'fig.99'"),
        (["audit", "first/b64/sgd/lr7/seed0"], "there is no run 'first/b64/sgd/lr7/seed0'"),
        (["audit", ""], "there is no figure ''"),
        (["export", "nosuch/runs.csv"], "nosuch: there is no such folder"),
        (
            ["table", "fig1"],
            "results/tiny/runs: none of the 8 runs of fig1 is there; train them with "
            "`snakemake fig1 --config study=tiny`.",
        ),
    ],
)
def test_a_mistake_on_the_command_line(
    fresh: Checkout, monkeypatch, arguments: list[str], fault: str
) -> None:
    monkeypatch.chdir(fresh.root)
    said = CliRunner().invoke(app, arguments)
    assert isinstance(said.exception, UserError) and fault in str(said.exception)


def test_the_theory_itself_is_drawn_at_the_root_alone(fresh: Checkout, monkeypatch) -> None:
    """It needs no file of the repository, and no user looks for it elsewhere."""
    elsewhere = fresh.root / "elsewhere"
    elsewhere.mkdir()
    monkeypatch.chdir(elsewhere)
    said = CliRunner().invoke(app, ["theory", "--general"])
    assert str(said.exception) == (
        "config/config.yaml: there is no such file; run from the repository's root, or restore it."
    )
    assert not list(elsewhere.iterdir())


def test_a_text_where_snakemake_wants_a_list(fresh: Checkout) -> None:
    said = fresh.snakemake("-n", "--config", "enable=more", code=1)
    assert "enable: give it a list, not 'more'; on a command line enable='[more]', with" in said


def test_an_environment_that_the_executor_would_not_heed(fresh: Checkout) -> None:
    said = fresh.snakemake("data", "--sdm", "env-modules", code=1)
    assert "--software-deployment-method: the executor `lanes` runs jobs in the" in said
    assert "Traceback" not in said


@pytest.mark.parametrize(
    ("target", "fault"),
    [
        ("fig10", "there is no 'fig10' to make; its figures are fig1, fig2, `largebatch runs "),
        ("results/data/nosuch.safetensors", "datasets: there is no 'nosuch'; it has digits."),
        ("results/tiny/measured/fig9.parquet", "figures: there is no figure 'fig9'; it has fig1"),
        ("results/tiny/figures/fig9.pdf", "figures: there is no figure 'fig9'; it has fig1"),
        ("results/tiny/runs/first/b64/sgd/lr7/seed0.parquet", "there is no run 'results/tiny/runs"),
    ],
)
def test_a_target_that_is_not_in_the_study(fresh: Checkout, target: str, fault: str) -> None:
    said = fresh.snakemake("-n", target, code=1)
    (sentence,) = re.findall("^largebatch: .*", said, re.MULTILINE)
    assert fault in sentence
    assert "Traceback" not in said and ".smk" not in said


def test_a_target_of_another_study() -> None:
    with pytest.raises(UserError, match="of another study; add `--config study=paper`"):
        Plan(load_study("demo", PROJECT)).refuse("results/paper/figures/fig1.pdf")


def test_a_mistake_in_the_claims(fresh: Checkout) -> None:
    claims = fresh.root / "config/claims.yaml"
    claims.write_text(claims.read_text().replace("test: equivalent", "test: equivalnt", 1))
    said = fresh.snakemake("-n", code=1)
    assert "config/claims.yaml: claims.C1.checks.test: 'equivalnt' is unknown; use " in said
    assert "ledger.py" not in said  # no traceback of ours


@pytest.mark.parametrize("words", [["--configfile", "figures"], ["--configfiles=figures"]])
def test_a_configfile_that_is_not_there(fresh: Checkout, words: list[str]) -> None:
    """As when a target follows the option, which takes it for a file."""
    said = fresh.snakemake("-n", "--config", "study=tiny", *words, code=1)
    sentence = "--configfile: there is no file figures; correct its name, or put targets first."
    assert said.endswith(f"\nlargebatch: {sentence}\n") and "Traceback" not in said


def test_a_setting_that_yaml_takes_for_another(fresh: Checkout) -> None:
    config = fresh.root / "config/config.yaml"
    config.write_text(config.read_text() + "study: demo\n")
    assert "the key 'study' is given twice; remove one." in fresh.snakemake("-n", code=1)


@pytest.mark.parametrize(
    ("file", "profile", "content", "fault"),
    [
        ("config.yaml", "profiles/gpu", None, "there is no such file;"),
        ("cluster.yaml", "profiles/slurm", "a: [\n", "line 2, column 1: not"),
    ],
)
def test_a_file_of_settings_that_is_missing_or_faulty(
    fresh: Checkout, file: str, profile: str, content: str | None, fault: str
) -> None:
    path = fresh.root / "config" / file
    path.unlink()
    if content:
        path.write_text(content)
    said = fresh.snakemake("-n", "--profile", profile, code=1)
    assert f"largebatch: config/{file}: {fault} " in said
    assert "Error" not in said and "Traceback" not in said


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("cluster:\n  defaults: {partion: x}\n", ": cluster.defaults.partion: unknown key; "),
        ("clusters: {}\n", " or --config: clusters: unknown key; use "),
    ],
)
def test_a_key_of_the_clusters_file_is_not_said_to_be_in_another(
    fresh: Checkout, line: str, sentence: str
) -> None:
    (fresh.root / "config/cluster.yaml").write_text(f"study: tiny\n{line}")
    said = fresh.snakemake("-n", "--profile", "profiles/slurm", code=1)
    assert f"largebatch: config/cluster.yaml{sentence}" in said
    assert "Traceback" not in said


def test_the_code_of_another_checkout(fresh: Checkout, tmp_path) -> None:
    """As in a copy of a checkout with its .venv."""
    shutil.copytree(fresh.root / "src", tmp_path / "other/src")
    environment = fresh.environment | {"PYTHONPATH": str(tmp_path / "other/src")}
    for words in (("snakemake", "-n"), ("largebatch", "runs")):
        said = subprocess.run(
            [sys.executable, "-m", *words],
            cwd=fresh.root,
            env=environment,
            capture_output=True,
            text=True,
        )
        sentence = f"{fresh.root}/src/largebatch is not the code that runs, which is {tmp_path}"
        assert said.returncode and sentence in said.stdout + said.stderr
