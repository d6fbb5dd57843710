"""largebatch's own training steps, to be measured: a pack of runs on random data."""

from collections.abc import Callable

from largebatch.training.steps import Setting, Steps

SEEDS = 5


def lanes_of(work, precision, data, lanes, execution, device) -> Steps:
    """The steps of a pack in which SGD and momentum alternate."""
    lr = 1e-3
    settings = [Setting(k % SEEDS, 0.9 * (k % 2), lr * (1 - 0.9 * (k % 2))) for k in range(lanes)]
    steps = Steps(work.task(precision), data, work.batch, settings, device, execution)
    steps.initialise()
    return steps


def next_step(steps: Steps) -> Callable[[], None]:
    """A function that takes one step per call, repeating the first epoch."""
    count = iter(range(10**9))

    def step() -> None:
        number = next(count) % steps.feed.steps
        if number == 0:
            steps.start_epoch(1, 1.0)
        steps.take(number)

    return step
