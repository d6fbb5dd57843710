"""What is known about a kind of model outside of training."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from math import inf

# A count from a model's settings and the pixels (of an image, per channel) or words (vocabulary).
Count = Callable[[dict, int], float]


@dataclass(frozen=True, kw_only=True)
class Kind:
    """Facts about a kind of model.

    `cpu_lanes` and the fields below it decide about packs and walltimes, never about results, so
    guesses will do until they are measured.
    """

    title: Callable[[dict], str]  # in captions
    loss: Callable[[dict], str]  # its name on an axis
    metrics: set[str]  # those that its figures may show
    panels: dict[str, str]  # metrics of its "train" and "test" panels (sec. 3, app. C)
    is_text: bool = False  # whether its data are text; else they are images
    # Faults of its settings that a schema cannot detect: a sentence, and the settings to blame.
    faults: Callable[[dict], Iterable[tuple[str, ...]]] = lambda model: ()

    # (most weights, lanes): with more runs side by side, a core trains no more runs per hour.
    cpu_lanes: tuple[tuple[float, int], ...]
    cpu_step: tuple[float, float]  # fixed microseconds per step; multiply-adds per microsecond
    gpu_lanes: tuple[tuple[float, int], ...]  # (largest batch, lanes), the fastest known
    # For every precision that the kind can be trained in, the microseconds that a pack of the
    # paper's models takes for a step: (fixed, per lane, per example of each lane).
    gpu_step: dict[str, tuple[float, float, float]]
    host_mb: int  # per lane, for weights, velocities, checkpoints
    multiply_adds: Count  # of one example's forward pass
    weights: Count  # trained numbers, except biases and the like, which are few
    activations: Count  # numbers per example that are kept for, or arise in, the backward pass
    test_activations: Count  # numbers per test image that exist at the same time
    test_lanes: float = inf  # lanes that are tested at a time
    # {precision: (testing, training)}: memory as a multiple of the activations in float32.
    workspace: dict[str, tuple[float, float]] = field(default_factory=dict)
