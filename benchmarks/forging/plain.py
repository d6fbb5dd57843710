"""The sweep of `project/` that three keepers share: JSON runs, CSV tables, PNG pictures."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import ClassVar

import yaml

from forging.files import change_one_byte_of
from forging.keeper import Edit, Keeper

PROJECT = Path(__file__).with_name("project")
MADE = ("data", "figures", "runs", "tables")


class Plain(Keeper):
    files: ClassVar[dict[str, str]] = {
        "run": "runs/first/sgd/0.1/0.json",
        "seed": "runs/first/sgd/0.1/1.json",
        "other": "runs/first/momentum/0.1/0.json",
        "table": "tables/fig1.csv",
        "picture": "figures/fig1.png",
        "picture2": "figures/fig2.png",
        "data": "data/digits.npz",
        "lock": "requirements.txt",
        "settings": "params.yaml",
    }
    sources: ClassVar[dict[str, Edit]] = {
        "training": Edit("lib/model.py", "INITIAL = 0.01", "INITIAL = 0.02", "lib/model.py"),
        "imported": Edit("lib/steps.py", "MOMENTUM = 0.9", "MOMENTUM = 0.8", "lib/steps.py"),
        "forgotten": Edit("lib/rates.py", "SCALE = 1.0", "SCALE = 0.9", "lib/rates.py"),
        "style": Edit("lib/style.py", "#D55E00", "#009E73", "lib/style.py"),
    }
    innocent = "runs/first/"
    only: tuple[str, ...]  # files of `project/` that this keeper needs in addition to the scripts
    ignored: tuple[str, ...] = ()

    def build(self) -> None:
        shutil.copytree(PROJECT, self.root, ignore=shutil.ignore_patterns("__pycache__"))
        for file in {"dvc.yaml", "Snakefile", "track.py"} - {*self.only}:
            (self.root / file).unlink()
        ignored = "".join(f"{name}\n" for name in ("__pycache__/", *self.ignored))
        (self.root / ".gitignore").write_text(ignored)
        self.call("git", "init", "--quiet")
        self.begin()
        self.commit("--all")
        self.make()
        self.commit("--all")

    def begin(self) -> None:
        """What comes between `git init` and the first commit."""

    def note(self) -> None:
        """Nothing to commit: what these keepers write down is not in git."""

    def change_number(self, path: Path) -> None:
        if path.suffix == ".json":
            run = json.loads(path.read_text())
            run["test_loss"][-1] *= 1 - 1e-3
            path.write_text(json.dumps(run) + "\n")
        else:
            text = path.read_text().rstrip()
            path.write_text(f"{text[:-1]}{(int(text[-1]) + 1) % 10}\n")

    def change_byte(self, path: Path) -> None:
        """Change one byte; a JSON file ends in a digit and three other characters."""
        json_file = path.suffix == ".json"
        change_one_byte_of(path, path.stat().st_size - 4 if json_file else 2000)

    def forge(self, path: Path, source: Path | None = None) -> None:
        if source:
            path.write_bytes(source.read_bytes())
        else:
            self.change_number(path)
        self.seal(path)

    def forge_data(self) -> None:
        self.change_byte_of_data()
        self.seal(self.at("data"))

    def change_byte_of_data(self) -> None:
        """Change a number of an image; the file can still be read."""
        script = (
            "import numpy as np; d = dict(np.load('data/digits.npz')); "
            "d['images'][0, 20] += 0.5; np.savez('data/digits.npz', **d)"
        )
        self.call("python", "-c", script)

    def edit_settings(self, change: Callable[[dict], object]) -> None:
        settings = yaml.safe_load(self.at("settings").read_text())
        settings["epochs_of"] = settings["sweeps"]
        change(settings)
        del settings["epochs_of"]
        self.at("settings").write_text(yaml.safe_dump(settings, sort_keys=False))
