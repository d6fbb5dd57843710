"""All subjects of a study: its figures, claims, theory, measurements, maps and report.

Built from the study alone and from which files exist; nothing is read, nothing heavy imported.
"""

from collections.abc import Iterator
from functools import cache, partial
from pathlib import Path

from largebatch.analysis.claims.bench import needed_files
from largebatch.analysis.claims.ledger import LEDGER, claims_settings
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
    plan = Plan(study)
    for name, figure in study.figures.items():
        yield _subject(
            study,
            f"results/{study.name}/figures/{name}",
            title=figure.title,
            kind="figure",
            table=plan.table(name),
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
        runs=lambda: Plan(study).runs,
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
    """They are of no study; any study's audit looks at them."""
    for name in EXACT:
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
            inputs=lambda name=name: [plan.table(name)],
            runs=partial(plan.runs_of, name),
        )


def _maps(study: Study, root: Path) -> Iterator[Subject]:
    # The same for all of them, and found by a look at every run: asked once.
    settings = cache(partial(maps_settings, study, root))
    inputs = cache(partial(maps_inputs, study, root))
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
            runs=lambda: Plan(study).runs,
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
        runs=lambda: Plan(study).runs,
    )


def run_subject(study: Study, run: Run) -> Subject:
    """One run by itself: its file and what made that."""
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


def _subject(study: Study, stem: str, **fields) -> Subject:
    """Called as its files are, with its table beside them, if `fields` say nothing else.

    Its settings are asked once, though its table and what shows it both have them.
    """
    name = fields.get("name", Path(stem).name)
    usual = {"name": name, "of": name, "target": name}
    files = {"table": f"{stem}.parquet", "settings_file": str(study.file)}
    once = {"settings": cache(fields["settings"])}
    return Subject(stem=stem, **(usual | files | fields | once))
