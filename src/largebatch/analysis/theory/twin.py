"""The theory twin of a figure: the noisy quadratic model on the figure's own grid.

Values in, table out; the columns are those of an experiment's figure table. The twin is exact, so
`std` is null and `n` is 0 seeds.
"""

from itertools import product

import pyarrow as pa

from largebatch.analysis.long_form import SCHEMA
from largebatch.analysis.optimum import optimum
from largebatch.analysis.theory.noisy_quadratic import NoisyQuadratic, diverged, expected_losses
from largebatch.study import Optimizer, Schedule

METRIC = "expected_loss"  # the model has no other


def twin_table(settings: dict) -> pa.Table:
    """Expected loss of every (optimizer, effective_lr), and curves at the best learning rate.

    settings: `planned.twin_settings`. The panel of curves, which a figure of several momenta does
    not have, is at one learning rate for all optimizers, the best of the table (as in the paper's
    bottom rows); it is empty if every run diverges. A diverged run has a null mean.
    """
    curves = settings["figure"]["kind"] == "sweep"
    return pa.concat_tables([_sweep_table(sweep, curves) for sweep in settings["sweeps"]])


def _sweep_table(sweep: dict, curves: bool) -> pa.Table:
    runs = list(product(sweep["optimizers"], sweep["effective_lrs"]))
    momenta = [Optimizer.parse(name).momentum for name, _ in runs]
    lrs = [lr for _, lr in runs]
    multipliers = Schedule(sweep["schedule"]).factors(sweep["epochs"])
    data = sweep["batch"], sweep["examples"], multipliers, sweep["last_batch"]
    losses = expected_losses(NoisyQuadratic(), lrs, momenta, *data)
    broken = diverged(losses)

    def row(panel: str, run: int, epoch: int | None = None) -> dict[str, object]:
        at = (-1 if epoch is None else epoch), run
        return {
            "panel": panel,
            "metric": METRIC,
            "optimizer": runs[run][0],
            "momentum": momenta[run],
            "batch": sweep["batch"],
            "effective_lr": lrs[run],
            "epoch": epoch,
            "mean": None if broken[at] else float(losses[at]),
            "std": None,
            "n": 0,
            "diverged": int(broken[at]),
        }

    rows = [row("sweep", run) for run in range(len(runs))]
    best = optimum(rows, METRIC) if curves else None
    shown = [run for run in range(len(runs)) if lrs[run] == best]
    rows += [row("curves", run, epoch) for run in shown for epoch in range(len(losses))]
    return pa.Table.from_pylist(rows, schema=SCHEMA)


def optimum_of(table: pa.Table, optimizer: str, batch: int) -> float | None:
    """The effective_lr of an optimizer's smallest final loss; None if it diverges at every rate."""
    wanted = ("sweep", optimizer, batch)
    rows = table.to_pylist()
    own = [row for row in rows if (row["panel"], row["optimizer"], row["batch"]) == wanted]
    return optimum(own, METRIC)
