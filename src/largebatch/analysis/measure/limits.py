"""The stability limits that measured curvature sets for a sweep (sec. 2)."""

import numpy as np

from largebatch.analysis.measure.log_h_max import log_h_max
from largebatch.analysis.theory import stability
from largebatch.analysis.theory.planned import modelled
from largebatch.study import Optimizer, Sweep


def limits(sweep: Sweep, rows: list[dict]) -> list[dict]:
    """What h_max of SGD at the smallest rate implies for the sweep, as rows without a run.

    As in the claims, h_max is SGD's, a geometric mean over epochs and seeds. `limit`, for SGD and
    heavy ball, is 2(1+m)/((1-m)h_max); `onset` is 1/h_max, the paper's threshold.
    """
    logs = list(log_h_max(rows, sweep).values())
    if not logs:
        return []
    h_max = float(np.exp(np.mean(logs)))
    place = {"task": sweep.task, "batch": sweep.batch}
    found = [place | {"quantity": "onset", "optimizer": "sgd", "value": 1 / h_max}]
    for name in modelled(sweep):
        limit = float(stability.stable_below(h_max, Optimizer.parse(name).momentum))
        found.append(place | {"quantity": "limit", "optimizer": name, "value": limit})
    return found
