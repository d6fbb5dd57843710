"""All subjects of a study: its figures, claims, theory, measurements, maps and report.

Built from the study alone and from which files exist; nothing is read, nothing heavy imported.
"""

from collections.abc import Iterator
from functools import cache, partial
from pathlib import Path

from largebatch.analysis.claims.ledger import LEDGER, claims_settings
from largebatch.analysis.claims.needed import needed_files
from largebatch.analysis.maps.planned import MAPS, maps_inputs, maps_settings
from largebatch.analysis.theory.planned import EXACT, twin_name, twin_settings, twinned
from largebatch.audit.subject import Subject
from largebatch.figures.paged import report_inputs, report_name, report_settings
from largebatch.study import Run, Study
from largebatch.study.plan import Plan


def subjects(study: Study, root: Path) -> dict[str, Subject]:
    """By name, in the order of a report."""
    makers = (_figures, _claims, _twins, _theory, _measured, _maps, _report)
    return {subject.name: subject for make in makers for subject in make(study, Path(root))}


def _figures(study: Study, root: Path) -> Iterator[Subject]:
    for name, figure in study.figures.items():
        plan = Plan(study)
        yield Subject(
            name=name,
            title=figure.title,
            kind="figure",
            of=name,
            stem=f"results/{study.name}/figures/{name}",
            table=plan.table(name),
            steps=("table", "figure"),
            target=name,
            settings=partial(study.figure_settings, name),
            inputs=partial(plan.runs_of, name),
            runs=partial(plan.runs_of, name),
            settings_file=str(study.file),
        )


def _claims(study: Study, root: Path) -> Iterator[Subject]:
    stem = f"results/{study.name}/claims"
    yield Subject(
        name="claims",
        title="The paper's statements",
        kind="claims",
        of="claims",
        stem=stem,
        table=f"{stem}.parquet",
        steps=("claims", "claims"),
        target="claims",
        settings=partial(claims_settings, study, root),
        inputs=partial(needed_files, study, root),
        runs=lambda: Plan(study).runs,
        settings_file=str(LEDGER),
    )


def _twins(study: Study, root: Path) -> Iterator[Subject]:
    for figure in twinned(study):
        name = twin_name(figure)
        yield _plate(
            study,
            f"results/{study.name}/theory/{name}",
            name=name,
            title=f"Theory twin of {figure}",
            kind="twin",
            of=figure,
            steps=("twins", "twins"),
            target="twins",
            settings=partial(twin_settings, study, figure),
        )


def _theory(study: Study, root: Path) -> Iterator[Subject]:
    """They are of no study; any study's audit looks at them."""
    for name in EXACT:
        yield _plate(
            study,
            f"results/theory/{name}",
            name=name,
            title=f"Theory: {name.replace('_', ' ')}",
            kind="theory",
            of=name,
            steps=("theory", "theory"),
            target="general_theory",
            settings=dict,
        )


def _measured(study: Study, root: Path) -> Iterator[Subject]:
    plan = Plan(study)
    for name, figure in study.figures.items():
        stem = f"results/{study.name}/measured/{name}"
        yield _plate(
            study,
            stem,
            name=f"measured-{name}",
            title=f"Measured: {figure.title}",
            kind="measured",
            of=name,
            steps=("measure", "measured"),
            target=f"{stem}.parquet",
            settings=partial(study.figure_settings, name),
            inputs=lambda name=name: [plan.table(name)],
            runs=partial(plan.runs_of, name),
        )


def _maps(study: Study, root: Path) -> Iterator[Subject]:
    # The same for all of them, and found by a look at every run: asked once.
    settings = cache(partial(maps_settings, study, root))
    inputs = cache(partial(maps_inputs, study, root))
    for name in MAPS:
        yield _plate(
            study,
            f"results/{study.name}/maps/{name}",
            name=f"map-{name}",
            title=f"Map over batch sizes: {name}",
            kind="map",
            of=name,
            steps=("maps", "maps"),
            target="maps",
            settings=settings,
            inputs=inputs,
            runs=lambda: Plan(study).runs,
        )


def _report(study: Study, root: Path) -> Iterator[Subject]:
    yield Subject(
        name="report",
        title="All figures and claims on one page",
        kind="report",
        of="report",
        stem=report_name(study),
        table=None,
        steps=("report", "report"),
        target="report",
        settings=partial(report_settings, study),
        inputs=partial(report_inputs, study, root),
        runs=lambda: Plan(study).runs,
        settings_file=str(study.file),
    )


def run_subject(study: Study, run: Run) -> Subject:
    """One run by itself: its file and what made that."""
    plan = Plan(study)
    return _file(
        study,
        name=run.name,
        title="A run",
        kind="run",
        file=run.path,
        steps=("train", "train"),
        settings=partial(study.spec, run),
        inputs=lambda: [plan.data(study.tasks[run.task].dataset)],
        runs=lambda: [run.path],
    )


def data_subject(study: Study, dataset: str) -> Subject:
    """One prepared dataset by itself."""
    return _file(
        study,
        name=dataset,
        title="A dataset",
        kind="data",
        file=Plan(study).data(dataset),
        steps=("data", "data"),
        settings=lambda: study.datasets[dataset],
        inputs=tuple,
        runs=tuple,
    )


def _file(study: Study, *, name: str, file: str, **fields) -> Subject:
    """A file that is made from data or nothing, and shows nothing."""
    return Subject(
        name=name,
        of=name,
        stem=file.rpartition(".")[0],
        table=None,
        target=file,
        settings_file=str(study.file),
        **fields,
    )


def _plate(study: Study, stem: str, *, inputs=tuple, runs=tuple, **fields) -> Subject:
    """A table with its pictures beside it."""
    return Subject(
        stem=stem,
        table=f"{stem}.parquet",
        inputs=inputs,
        runs=runs,
        settings_file=str(study.file),
        **fields,
    )
