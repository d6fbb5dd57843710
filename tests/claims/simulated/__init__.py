"""Studies of known truth, for each kind of test and what it looks at."""

from claims.simulated import batches, comparisons, curvature, curves, places, trends
from claims.simulated.simulator import Simulator

SIMULATORS: dict[tuple[str, str], Simulator] = {
    ("equivalent", "final"): comparisons.equivalent(),
    ("equivalent", "final, at the best rates"): comparisons.equivalent_at_best(),
    ("equivalent", "mean"): curves.mean(),
    ("equivalent", "instability"): curves.instability("equivalent", 2.0),
    ("better", "final"): comparisons.better(),
    ("better", "final, at the best rates"): comparisons.better_at_best(),
    ("better", "final, not worse"): comparisons.not_worse(),
    ("better", "final, at the optimum"): comparisons.better_at_optimum(),
    ("better", "early"): comparisons.early(),
    ("better", "instability"): curves.instability("better", 3.0),
    ("better", "updates"): curves.cost("updates"),
    ("better", "seconds"): curves.cost("seconds"),
    ("curve", ""): curves.curve(),
    ("curve", "same temperature"): curves.same_temperature(),
    ("optimum", ""): places.optimum(),
    ("optimum", "on a plateau"): places.plateau(),
    ("threshold", ""): places.threshold(),
    ("threshold_over_optimum", ""): places.over_optimum(),
    ("threshold_train_first", ""): places.train_first(),
    ("slope", "optimum"): batches.slope(),
    ("slope", "stable"): batches.slope_of_stable(),
    ("slope_below", "optimum"): batches.slope_below(),
    ("critical_batch", ""): batches.critical_batch(),
    ("gap_growth", ""): trends.gap_growth(),
    ("flatter", ""): trends.flatter(),
    ("rank", ""): trends.rank(),
    ("curvature_ratio", ""): curvature.curvature_ratio(),
    ("curvature_threshold", ""): curvature.curvature_threshold(),
}
