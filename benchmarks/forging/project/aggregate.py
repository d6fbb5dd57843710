"""python aggregate.py FIGURE: mean final loss over seeds, to tables/FIGURE.csv."""

import csv
import json
import sys
from pathlib import Path

import yaml


def main(figure: str) -> None:
    settings = yaml.safe_load(Path("params.yaml").read_text())
    sweep = settings["figures"][figure]["sweep"]
    Path("tables").mkdir(exist_ok=True)
    with Path(f"tables/{figure}.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["optimizer", "rate", "seeds", "test_loss"])
        for optimizer in settings["optimizers"]:
            for rate in settings["rates"]:
                folder = Path("runs", sweep, optimizer, str(rate))
                runs = [json.loads((folder / f"{s}.json").read_text()) for s in settings["seeds"]]
                finals = [run["test_loss"][-1] for run in runs]
                writer.writerow([optimizer, rate, len(finals), sum(finals) / len(finals)])


if __name__ == "__main__":
    main(sys.argv[1])
