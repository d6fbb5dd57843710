"""All studies share `results/data`, so a name should mean the same data in each."""

from collections.abc import Iterator
from pathlib import Path

from largebatch.data.load import read_dataset_record
from largebatch.errors import UserError
from largebatch.records import has_settings
from largebatch.study import Study, load_study
from largebatch.study.extends import study_names
from largebatch.study.plan import Plan


def replaced_data(study: Study, root: Path = Path(".")) -> Iterator[str]:
    """A sentence for each data set that the study would replace although another has runs of it."""
    for name in study.used_datasets():
        path = Plan.data(name)
        try:
            record = read_dataset_record(root / path)
        except (UserError, OSError, KeyError, ValueError):
            continue
        if has_settings(record, study.datasets[name]):
            continue
        for other in _others_with_runs(study, root):
            if name in other.datasets and has_settings(record, other.datasets[name]):
                yield (
                    f"{study.file}: datasets.{name}: {path} will be replaced, but the study "
                    f"{other.name} has runs of it and would train them again; use another name."
                )


def _others_with_runs(study: Study, root: Path) -> Iterator[Study]:
    for name in study_names(root / study.file.parent):
        if name != study.name and (root / f"results/{name}/runs").is_dir():
            try:
                yield load_study(name, root)
            except UserError:  # whoever works on that one is told
                continue
