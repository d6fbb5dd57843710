"""What to run: studies, tasks, sweeps, figures and runs. Imports no torch."""

from largebatch.study.load import (
    check_config,
    check_dataset,
    check_task,
    load_config,
    load_study,
)
from largebatch.study.run import Optimizer, Run, decimal
from largebatch.study.schedule import Schedule
from largebatch.study.study import Figure, Study, Sweep, Task

__all__ = [
    "Figure",
    "Optimizer",
    "Run",
    "Schedule",
    "Study",
    "Sweep",
    "Task",
    "check_config",
    "check_dataset",
    "check_task",
    "decimal",
    "load_config",
    "load_study",
]
