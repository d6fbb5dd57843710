"""Faults of sweeps that a schema cannot detect."""

from collections.abc import Iterator

from largebatch.errors import UserError
from largebatch.study.faults import Fault, absent
from largebatch.study.run import Optimizer
from largebatch.study.sizes import expected_size
from largebatch.study.study import Study, Sweep

MOST_RUNS = 50_000  # Snakemake would take hours to plan more


def sweep_faults(study: Study, sweep: Sweep) -> Iterator[Fault]:
    key = ("sweeps", sweep.name)
    if sweep.task not in study.tasks:
        sentence = absent("task", sweep.task, f"sweep '{sweep.name}'", study.tasks)
        yield Fault(sentence, (*key, "task"), ("tasks", sweep.task))
    for optimizer in sweep.optimizers:
        try:
            Optimizer.parse(optimizer)
        except UserError as reason:
            yield Fault(str(reason), (*key, "optimizers"))
    if sweep.size > MOST_RUNS:
        sentence = f"sweep '{sweep.name}' has {sweep.size:,} runs, but may have {MOST_RUNS:,}"
        yield Fault(f"{sentence}; give it fewer rates, optimizers or seeds", key, ("seeds",))
    yield from _batch_faults(study, sweep)


def _batch_faults(study: Study, sweep: Sweep) -> Iterator[Fault]:
    """A batch needs an example in each place; of text, `unroll` words and one more to predict."""
    task = study.tasks[sweep.task]
    size, _ = expected_size(study.datasets[task.dataset]).values()
    words = task.model.get("unroll", 0) + 1
    if size is None or sweep.batch * words <= size:
        return
    streams, unit = ("", "examples") if words == 1 else (f" x {words} words", "words")
    yield Fault(
        f"a batch of {sweep.batch}{streams} is larger than '{task.dataset}' ({size} {unit}); "
        "lower the batch or use more data",
        ("sweeps", sweep.name, "batch"),
        ("datasets", task.dataset),
        ("tasks", task.name, "dataset"),
        ("tasks", task.name, "model", "unroll"),
        ("tasks", task.name, "like"),
    )
