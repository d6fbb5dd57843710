"""What is known of a kind of model outside of training."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from math import inf

# Of a model's settings, and of pixels (of an image, a channel) or words (of a vocabulary).
Count = Callable[[dict, int], float]


@dataclass(frozen=True, kw_only=True)
class Kind:
    """From `cpu_lanes` on: packs and walltimes, no numbers. Guesses do until it is measured."""

    title: Callable[[dict], str]  # in captions
    loss: Callable[[dict], str]  # what it is, on an axis
    metrics: set[str]  # that its figures may show
    panels: dict[str, str]  # those of its "train" and "test" panels (sec. 3, app. C)
    is_text: bool = False  # its data, else images
    # What a schema cannot see of its settings: a sentence, and the names of those to blame.
    faults: Callable[[dict], Iterable[tuple[str, ...]]] = lambda model: ()

    cpu_lanes: int  # runs side by side beyond which a core trains no more of them an hour
    cpu_step: tuple[float, float]  # microseconds whatever the batch; multiply-adds a microsecond
    gpu_lanes: tuple[tuple[float, int], ...]  # (largest batch, lanes), the fastest that are known
    # {each precision that it is trained in: microseconds that a step of a pack of the paper's
    # models takes whatever is in it, that each lane adds, and each example of each lane}.
    gpu_step: dict[str, tuple[float, float, float]]
    host_mb: int  # a lane: weights, velocities, checkpoints
    multiply_adds: Count  # of one example's forward pass
    weights: Count  # trained numbers, without biases and the like: they are few
    activations: Count  # numbers an example leaves for the backward pass, or meets there
    test_activations: Count  # numbers that one test image meets at a time
    test_lanes: float = inf  # that are tested at a time
    # {precision: (testing, training)}: memory in terms of the activations in float32.
    workspace: dict[str, tuple[float, float]] = field(default_factory=dict)
