"""python train.py SWEEP OPTIMIZER RATE SEED: one run, its losses to runs/.../SEED.json."""

import json
import sys
from pathlib import Path

import numpy as np
import yaml
from lib.model import start, test_loss, train_epoch


def main(sweep: str, optimizer: str, rate: str, seed: str) -> None:
    settings = yaml.safe_load(Path("params.yaml").read_text())["sweeps"][sweep]
    data = np.load("data/digits.npz")
    generator = np.random.default_rng(int(seed))
    state = start(generator)
    losses = [test_loss(state, data)]
    for _ in range(settings["epochs"]):
        train_epoch(state, data, generator, optimizer, float(rate), settings["batch"])
        losses.append(test_loss(state, data))
    out = Path("runs", sweep, optimizer, rate, f"{seed}.json")
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(json.dumps({"epoch": list(range(len(losses))), "test_loss": losses}) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
