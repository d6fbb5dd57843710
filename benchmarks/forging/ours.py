"""largebatch: the tests' tiny study in a copy of this project."""

import json
import shutil
import sys
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import ClassVar

import pyarrow as pa
import pyarrow.parquet as pq
import yaml
from parts.edit import replace
from safetensors import safe_open
from safetensors.numpy import load_file

from forging.files import change_one_byte_of
from forging.keeper import Answer, Edit, Keeper
from largebatch.data.load import FACTS, RECORD
from largebatch.data.store import write_dataset
from largebatch.records import read_artefact, read_sidecar, write_sidecar, write_table

PROJECT = Path(__file__).parents[2]
PARTS = (".gitignore", "Snakefile", "config", "envs", "profiles", "src", "workflow")
RUNS = "results/tiny/runs"
SOURCES = "src/largebatch"
GOOD = {"intact", "unchanged", "clean"}


class Largebatch(Keeper):
    name = "largebatch"
    question = "largebatch audit; largebatch audit FIGURE of each that is not simply verified"
    files: ClassVar[dict[str, str]] = {
        "run": f"{RUNS}/first/b64/sgd/lr0.1/seed0.parquet",
        "seed": f"{RUNS}/first/b64/sgd/lr0.1/seed1.parquet",
        "other": f"{RUNS}/first/b64/momentum-0.9/lr0.1/seed0.parquet",
        "table": "results/tiny/tables/fig1.parquet",
        "picture": "results/tiny/figures/fig1.png",
        "picture2": "results/tiny/figures/fig2.png",
        "data": "results/data/digits.safetensors",
        "lock": "envs/pipeline.lock",
        "settings": "config/studies/tiny.yaml",
    }
    sources: ClassVar[dict[str, Edit]] = {
        "training": Edit(
            f"{SOURCES}/study/schedule.py", "return 1.0", "return 0.9", "largebatch.study.schedule"
        ),
        "imported": Edit(
            f"{SOURCES}/models/init.py", "NECTIONS = 15", "NECTIONS = 14", "largebatch.models.init"
        ),
        "forgotten": Edit(
            f"{SOURCES}/models/activations.py",
            "return torch.sigmoid(x,",
            "return torch.sigmoid(1.01 * x,",
            "largebatch.models.activations",
        ),
        "style": Edit(
            f"{SOURCES}/figures/style.mplstyle",
            "font.size: 7",
            "font.size: 6",
            "largebatch/figures/style.mplstyle",
        ),
    }
    innocent = f"{RUNS}/first/"

    def version(self) -> str:
        return version("largebatch")

    def build(self) -> None:
        self.root.mkdir(parents=True)
        for part in PARTS:
            source = PROJECT / part
            ignore = shutil.ignore_patterns("__pycache__")
            if source.is_dir():
                shutil.copytree(source, self.root / part, ignore=ignore)
            else:
                shutil.copy2(source, self.root / part)
        shutil.copy2(PROJECT / "tests/workflow/tiny.yaml", self.at("settings"))
        replace(self.root / "config/config.yaml", "study: demo", "study: tiny")
        self.call("git", "init", "--quiet")
        self.commit("--all")
        self.make()
        self.note()

    def packages(self) -> tuple[str, ...]:
        return (str(self.root / "src"),)

    def make(self) -> None:
        self.call(sys.executable, "-m", "snakemake", "-c2", "figures")

    def audit(self, *arguments: str, code: int | None = None):
        return self.call(sys.executable, "-m", "largebatch", "audit", *arguments, code=code)

    def ask(self) -> Answer:
        """Ask for the overview, then, as it advises, for each figure that is not verified."""
        said = self.audit()
        words, seconds = [], said.seconds
        for line in said.lines:
            if not line.endswith("VERIFIED"):
                more = self.audit(line.split()[0])
                words += more.lines
                seconds += more.seconds
        return Answer(said.code == 0, _facts(words), seconds)

    def again(self) -> Answer:
        said = self.audit("fig1", "--rerun", "8")
        words = () if said.code == 0 else _facts(said.lines)
        return Answer(said.code == 0, words, said.seconds)

    def note(self) -> None:
        """Write and commit the lines of the figures; an uncommitted line counts as stale."""
        self.audit("--lock")
        self.commit("results/figures.lock")

    def change_number(self, path: Path) -> None:
        file = pq.ParquetFile(path)
        table = _another_number(file.read().replace_schema_metadata(None))
        kept = {k: v for k, v in file.metadata.metadata.items() if k != b"ARROW:schema"}
        with pq.ParquetWriter(path, table.schema, write_page_checksum=True) as writer:
            writer.write_table(table)
            writer.add_key_value_metadata(kept)

    def change_byte(self, path: Path) -> None:
        change_one_byte_of(path, path.stat().st_size // 2)

    def forge(self, path: Path, source: Path | None = None) -> None:
        artefact = read_artefact(path)
        table = read_artefact(source).table if source else _another_number(artefact.table)
        write_table(path, table, artefact.record)

    def seal(self, path: Path) -> None:
        beside = path.with_suffix(".json")
        content = json.loads(beside.read_text())
        sidecar = read_sidecar(beside)
        pictures = [path.with_name(name) for name in content["outputs"]]
        write_sidecar(beside, sidecar.record, sidecar.identity, pictures)

    def forge_data(self) -> None:
        path = self.at("data")
        with safe_open(path, "numpy") as file:
            metadata = file.metadata()
        tensors = load_file(path)
        tensors["train_images"] = tensors["train_images"].copy()
        tensors["train_images"].flat[1000] += 1
        write_dataset(path, tensors, json.loads(metadata[FACTS]), json.loads(metadata[RECORD]))
        shutil.rmtree(self.root / RUNS)

    def edit_settings(self, change: Callable[[dict], object]) -> None:
        study = yaml.safe_load(self.at("settings").read_text())
        study["epochs_of"] = study["tasks"]
        change(study)
        del study["epochs_of"]
        self.at("settings").write_text(yaml.safe_dump(study, sort_keys=False))


def _another_number(table: pa.Table) -> pa.Table:
    """The table with the last number of one column a thousandth less."""
    name = "test_loss" if "test_loss" in table.column_names else "mean"
    values = table[name].to_pylist()
    values[-1] *= 1 - 1e-3
    at = table.column_names.index(name)
    return table.set_column(
        at, table.schema.field(at), pa.array(values, table.schema.field(at).type)
    )


def _facts(lines) -> tuple[str, ...]:
    """The lines without the three answers, without what is in order, and without advice."""
    answers = ("intact?", "current?", "reproduced?", "everything else", "repair", "snakemake")
    kept = (" ".join(line.split()) for line in lines)
    wrong = (line for line in kept if not GOOD & {*line.split()})
    return tuple(line for line in wrong if not line.startswith(answers))
