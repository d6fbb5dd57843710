"""The theory twin of a figure: the noisy quadratic model on the figure's own grid.

Values in, table out; the columns are those of an experiment's figure table, so that one
drawing function serves both. The twin is exact, so `std` is null and `n` is 0 seeds.
"""

from collections.abc import Sequence

import numpy as np
import pyarrow as pa

from largebatch.analysis.long_form import SCHEMA
from largebatch.analysis.theory.noisy_quadratic import (
    NoisyQuadratic,
    diverged,
    expected_losses,
)
from largebatch.analysis.theory.stability import Array
from largebatch.study import decimal


def twin_table(
    effective_lrs: Sequence[float],
    batch: int,
    momenta: Sequence[float],
    examples: int,
    multipliers: Sequence[float],
    *,
    curves: bool = True,
    metric: str = "train_loss",
    model: NoisyQuadratic | None = None,
) -> pa.Table:
    """Expected loss of every (momentum, effective_lr), and curves at the best learning rate.

    multipliers: the schedule, one factor an epoch; momentum 0 is SGD. The curves panel is at
    one learning rate for all optimizers, the best of the table (as in the paper's bottom rows); it
    is empty where every run diverges. A diverged run has a null mean. A figure of two batches is
    two tables, concatenated.
    """
    model = model or NoisyQuadratic()
    lrs = np.tile(np.asarray(effective_lrs, dtype=np.float64), len(momenta))
    m = np.repeat(np.asarray(momenta, dtype=np.float64), len(effective_lrs))
    losses = expected_losses(model, lrs, m, batch, examples, multipliers)
    broken = diverged(losses)
    finals = [
        _row("sweep", metric, m[run], batch, lrs[run], None, losses[-1, run], broken[-1, run])
        for run in range(len(lrs))
    ]
    best = _best(finals) if curves else None
    rows = [
        _row("curves", metric, m[run], batch, best, epoch, losses[epoch, run], broken[epoch, run])
        for run in np.flatnonzero(lrs == best)
        for epoch in range(len(losses))
    ]
    return pa.Table.from_pylist(finals + rows, schema=SCHEMA)


def optimum(table: pa.Table, optimizer: str, batch: int) -> float | None:
    """The effective_lr of an optimizer's smallest final loss; None if it diverges at every one."""
    wanted = ("sweep", optimizer, batch)
    rows = table.to_pylist()
    return _best([row for row in rows if (row["panel"], row["optimizer"], row["batch"]) == wanted])


def _best(finals: list[dict]) -> float | None:
    sound = [(row["mean"], row["effective_lr"]) for row in finals if not row["diverged"]]
    return min(sound)[1] if sound else None


def optimizer_name(momentum: float) -> str:
    """`sgd` or `momentum-<m>`, as in the names of runs."""
    return f"momentum-{decimal(float(momentum))}" if momentum else "sgd"


def _row(
    panel: str,
    metric: str,
    momentum: float,
    batch: int,
    effective_lr: float,
    epoch: int | None,
    loss: Array,
    broken: Array,
) -> dict[str, object]:
    return {
        "panel": panel,
        "metric": metric,
        "optimizer": optimizer_name(momentum),
        "momentum": float(momentum),
        "batch": batch,
        "effective_lr": float(effective_lr),
        "epoch": epoch,
        "mean": None if broken else float(loss),
        "std": None,
        "n": 0,
        "diverged": int(broken),
    }
