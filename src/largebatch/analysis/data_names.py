"""All studies share `results/data`, so a name should mean the same data in each."""

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from largebatch.data.load import read_dataset_record
from largebatch.errors import UserError
from largebatch.records import has_settings
from largebatch.study import Study, load_study
from largebatch.study.extends import study_names
from largebatch.study.plan import Plan


def replaced_data(study: Study, root: Path = Path(".")) -> Iterator[str]:
    """A sentence for each data set that the study would replace although another has runs of it."""
    replaced = dict(_of_other_settings(study, root))
    for other in _others_with_runs(study, root) if replaced else ():
        for name, record in replaced.items():
            if name in other.datasets and has_settings(record, other.datasets[name]):
                yield (
                    f"{study.file}: datasets.{name}: {Plan.data(name)} will be replaced, but the "
                    f"study {other.name} has runs of it and would train them again; use another "
                    "name."
                )


def _of_other_settings(study: Study, root: Path) -> Iterator[tuple[str, dict]]:
    """(name, record) of each prepared data set that is not as the study wants it."""
    for name in study.used_datasets():
        with suppress(UserError, OSError, KeyError, ValueError):  # missing or damaged: made anyway
            record = read_dataset_record(root / Plan.data(name))
            if not has_settings(record, study.datasets[name]):
                yield name, record


def _others_with_runs(study: Study, root: Path) -> Iterator[Study]:
    for name in study_names(root / study.file.parent):
        if name != study.name and (root / f"results/{name}/runs").is_dir():
            try:
                yield load_study(name, root)
            except UserError:  # whoever works on that one is told
                continue
