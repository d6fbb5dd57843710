"""All subjects of a study: its figures, claims, theory, measurements, maps and report.

They follow from the study and from which files exist; building them reads no file and imports
nothing heavy.
"""

from collections.abc import Iterator
from functools import cache, partial
from pathlib import Path

from largebatch.analysis.claims.bench import needed_files
from largebatch.analysis.claims.ledger import LEDGER, claims_settings
from largebatch.analysis.maps.planned import MAPS, maps_inputs, maps_settings, stored_runs
from largebatch.analysis.theory.planned import GENERAL, twin_name, twin_settings, twinned
from largebatch.audit.subjects.subject import Subject
from largebatch.figures.paged import report_inputs, report_name, report_settings
from largebatch.study import Run, Study
from largebatch.study.plan import Plan


def subjects(study: Study, root: Path) -> dict[str, Subject]:
    """The subjects by name, in the order of a report."""
    makers = (_figures, _claims, _twins, _theory, _measured, _maps, _report)
    return {subject.name: subject for make in makers for subject in make(study, Path(root))}


def _figures(study: Study, root: Path) -> Iterator[Subject]:
    plan = Plan(study)
    for name, figure in study.figures.items():
        yield _subject(
            study,
            study.stem(name),
            title=figure.title,
            kind="figure",
            table=study.table(name),
            settings=partial(study.figure_settings, name),
            inputs=partial(plan.runs_of, name),
            runs=partial(plan.runs_of, name),
        )


def _claims(study: Study, root: Path) -> Iterator[Subject]:
    yield _subject(
        study,
        f"results/{study.name}/claims",
        title="The paper's statements",
        kind="claims",
        settings=partial(claims_settings, study, root),
        inputs=partial(needed_files, study, root),
        runs=partial(_every_run, study),
        settings_file=str(LEDGER),
    )


def _twins(study: Study, root: Path) -> Iterator[Subject]:
    for figure in twinned(study):
        yield _subject(
            study,
            f"results/{study.name}/theory/{twin_name(figure)}",
            title=f"Theory twin of {figure}",
            kind="twin",
            of=figure,
            target="twins",
            settings=partial(twin_settings, study, figure),
        )


def _theory(study: Study, root: Path) -> Iterator[Subject]:
    """Figures of the theory, which belong to no study; the audit of any study covers them."""
    for name in GENERAL:
        yield _subject(
            study,
            f"results/theory/{name}",
            title=f"Theory: {name.replace('_', ' ')}",
            kind="theory",
            target="general_theory",
            settings=dict,
        )


def _measured(study: Study, root: Path) -> Iterator[Subject]:
    plan = Plan(study)
    for name, figure in study.figures.items():
        stem = f"results/{study.name}/measured/{name}"
        yield _subject(
            study,
            stem,
            name=f"measured-{name}",
            title=f"Measured: {figure.title}",
            kind="measured",
            of=name,
            target=f"{stem}.parquet",
            settings=partial(study.figure_settings, name),
            inputs=lambda name=name: [study.table(name)],
            runs=partial(plan.runs_of, name),
        )


def _maps(study: Study, root: Path) -> Iterator[Subject]:
    # All maps share these; they are cached since finding them takes a look at every run.
    stored = cache(partial(stored_runs, study, root))
    settings = cache(lambda: maps_settings(study, stored()))
    inputs = cache(lambda: maps_inputs(study, stored(), root))
    for name in MAPS:
        yield _subject(
            study,
            f"results/{study.name}/maps/{name}",
            name=f"map-{name}",
            title=f"Map over batch sizes: {name}",
            kind="map",
            of=name,
            target="maps",
            settings=settings,
            inputs=inputs,
            runs=partial(_every_run, study),
        )


def _report(study: Study, root: Path) -> Iterator[Subject]:
    yield _subject(
        study,
        report_name(study),
        title="All figures and claims on one page",
        kind="report",
        table=None,
        settings=partial(report_settings, study),
        inputs=partial(report_inputs, study, root),
        runs=partial(_every_run, study),
    )


def run_subject(study: Study, run: Run) -> Subject:
    """One run by itself: its file and what made it."""
    return _subject(
        study,
        run.path.removesuffix(".parquet"),
        name=run.name,
        title="A run",
        kind="run",
        table=None,
        target=run.path,
        settings=partial(study.spec, run),
    )


def data_subject(study: Study, dataset: str) -> Subject:
    """One prepared dataset by itself."""
    file = Plan.data(dataset)
    return _subject(
        study,
        file.removesuffix(".safetensors"),
        title="A dataset",
        kind="data",
        table=None,
        target=file,
        settings=lambda: study.datasets[dataset],
    )


def _every_run(study: Study) -> list[str]:
    return Plan(study).runs


def _subject(study: Study, stem: str, **fields) -> Subject:
    """A subject named like its files, with its table beside them, unless `fields` say otherwise.

    Its settings are cached, since the table and the files that show it have the same.
    """
    name = fields.get("name", Path(stem).name)
    usual = {"name": name, "of": name, "target": name}
    files = {"table": f"{stem}.parquet", "settings_file": str(study.file)}
    once = {"settings": cache(fields["settings"])}
    return Subject(stem=stem, **(usual | files | fields | once))
