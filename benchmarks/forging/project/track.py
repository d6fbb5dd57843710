"""The sweep under MLflow.

`log` makes and logs it, `make` only makes it, `log FILE ...` logs these files again in place of the
first ones, `compare` prints what differs from the log.

MLflow has no command that verifies. `compare` is the most that its search API and git offer: each
logged artifact against the file here, each logged parameter against params.yaml, and
`git diff --stat` since the logged commit.
"""

import itertools
import json
import subprocess
import sys
import tempfile
from pathlib import Path

import mlflow
import yaml

SETTINGS = yaml.safe_load(Path("params.yaml").read_text())
mlflow.set_tracking_uri("sqlite:///mlflow.db")
CLIENT = mlflow.MlflowClient()


def steps() -> dict[str, tuple[list[str], dict, list[str]]]:
    """{name of an MLflow run: (command, parameters, files)}."""
    found = {"prepare": (["prepare.py"], SETTINGS["data"], ["data/digits.npz"])}
    axes = (SETTINGS["sweeps"], SETTINGS["optimizers"], SETTINGS["rates"], SETTINGS["seeds"])
    for sweep, optimizer, rate, seed in itertools.product(*axes):
        name = f"{sweep}/{optimizer}/{rate}/{seed}"
        own = {"optimizer": optimizer, "rate": rate, "seed": seed, **SETTINGS["sweeps"][sweep]}
        found[name] = (["train.py", *name.split("/")], own, [f"runs/{name}.json"])
    for figure, own in SETTINGS["figures"].items():
        found[f"table {figure}"] = (["aggregate.py", figure], own, [f"tables/{figure}.csv"])
        found[figure] = (["plot.py", figure], own, [f"figures/{figure}.png"])
    return found


def make() -> None:
    for name, (command, _, files) in steps().items():
        if name != "prepare" or not Path(*files).exists():
            subprocess.run(["python", *command], check=True)


def log() -> None:
    make()
    for name, (_, parameters, files) in steps().items():
        with mlflow.start_run(run_name=name):
            mlflow.log_params(parameters)
            for file in files:
                log_file(mlflow.active_run().info.run_id, file)


def log_file(run: str, file: str) -> None:
    CLIENT.log_artifact(run, file)
    if file.endswith(".json"):
        for step, value in enumerate(json.loads(Path(file).read_text())["test_loss"]):
            CLIENT.log_metric(run, "test_loss", value, step=step)


def log_again(files: list[str]) -> None:
    runs = {run.info.run_name: run.info.run_id for run in logged()}
    for name, (_, _, own) in steps().items():
        for file in {*own} & {*files}:
            log_file(runs[name], file)


def logged() -> list:
    """The newest run of each name."""
    runs = mlflow.search_runs(search_all_experiments=True, output_format="list")
    newest = sorted(runs, key=lambda run: run.info.start_time)
    return list({run.info.run_name: run for run in newest}.values())


def compare() -> None:
    plan, commits = steps(), set()
    for run in logged():
        _, parameters, files = plan.get(run.info.run_name, ([], {}, []))
        for file in files:
            with tempfile.TemporaryDirectory() as folder:
                stored = CLIENT.download_artifacts(run.info.run_id, Path(file).name, folder)
                if not Path(file).exists():
                    print(f"{file}: missing")
                elif Path(file).read_bytes() != Path(stored).read_bytes():
                    print(f"{file}: not the logged artifact")
        for key, value in parameters.items():
            if run.data.params.get(key) != str(value):
                print(f"{run.info.run_name}: {key} was {run.data.params.get(key)}, is {value}")
        commits.add(run.data.tags["mlflow.source.git.commit"])
    for commit in commits:
        subprocess.run(["git", "diff", "--stat", commit], check=True)


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["log"]:
            log()
        case ["make"]:
            make()
        case ["log", *files]:
            log_again(files)
        case ["compare"]:
            compare()
