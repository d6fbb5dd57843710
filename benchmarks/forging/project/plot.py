"""python plot.py FIGURE: figures/FIGURE.png from tables/FIGURE.csv."""

import csv
import sys
from pathlib import Path

import matplotlib
import yaml
from lib.style import COLOURS

matplotlib.use("agg")
from matplotlib import pyplot


def main(figure: str) -> None:
    title = yaml.safe_load(Path("params.yaml").read_text())["figures"][figure]["title"]
    with Path(f"tables/{figure}.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    for optimizer, colour in COLOURS.items():
        points = [row for row in rows if row["optimizer"] == optimizer]
        rates = [float(row["rate"]) for row in points]
        losses = [float(row["test_loss"]) for row in points]
        pyplot.plot(rates, losses, color=colour, marker="o", label=optimizer)
    pyplot.title(title)
    pyplot.legend()
    Path("figures").mkdir(exist_ok=True)
    pyplot.savefig(f"figures/{figure}.png")


if __name__ == "__main__":
    main(sys.argv[1])
