"""The twins of the studies that are shipped: what they say of the paper, from no data."""

import shutil
from dataclasses import replace
from pathlib import Path

import pyarrow.compute as pc
import pytest

from largebatch.analysis.theory import figures_data
from largebatch.analysis.theory.planned import (
    examples,
    general_files,
    last_batch,
    modelled,
    theory_files,
    twin_name,
    twin_settings,
    twinned,
)
from largebatch.analysis.theory.study_twins import optima, study_twin
from largebatch.analysis.theory.twin import optimum_of
from largebatch.cli.theory import theory
from largebatch.figures.plates import exact
from largebatch.figures.plates.artefact import write_artefact
from largebatch.figures.plates.twins import twin_picture
from largebatch.figures.style import private_style
from largebatch.records import find_mark, identity_of, read_artefact, read_sidecar
from largebatch.study import load_study


@pytest.fixture(scope="module")
def paper():
    return load_study("paper")


@pytest.fixture(scope="module")
def tables(paper):
    return {figure: study_twin(paper, figure) for figure in twinned(paper)}


def test_the_paper_has_nine_twins(tables):
    assert [twin_name(figure) for figure in tables] == [f"T{k}" for k in range(1, 10)]


def test_other_forms_of_momentum_have_no_twin(paper):
    forms = ("sgd", "nesterov-0.9", "momentum-0.99", "corrected-0.9")
    assert modelled(replace(paper.sweeps["cifar10-b32"], optimizers=forms)) == [
        "sgd",
        "momentum-0.99",
    ]


def test_optima_of_the_paper(tables):
    """Stated by the paper: 0.25 at B = 32 for both, 8 at B = 1024 for momentum (figs. 1-3)."""
    for figure in ("fig1", "fig3"):
        assert {optimum_of(tables[figure], o, 32) for o in ("sgd", "momentum-0.9")} == {0.25}
    for figure in ("fig2", "fig3"):
        assert optimum_of(tables[figure], "momentum-0.9", 1024) == 8


@pytest.mark.parametrize("figure", ["fig2", "fig3", "fig5"])
def test_sgd_is_capped_at_2_in_large_batches(tables, figure):
    """h_max = 1: the curvature's limit 2/h_max, whatever the batch (paper, section 2)."""
    assert optimum_of(tables[figure], "sgd", 1024) == 2
    sgd = (pc.field("optimizer") == "sgd") & (pc.field("batch") == 1024)
    rows = tables[figure].filter(sgd & (pc.field("panel") == "sweep")).to_pylist()
    assert {row["effective_lr"] for row in rows if row["diverged"]} == {4, 8, 16, 32, 64}


@pytest.mark.parametrize("batch", [512, 1024, 4096])
def test_sgd_stays_capped_as_the_batch_grows(paper, batch):
    sweep = replace(paper.sweeps["cifar10-b1024"], batch=batch)
    grown = replace(paper, sweeps={**paper.sweeps, "cifar10-b1024": sweep})
    assert optimum_of(study_twin(grown, "fig2"), "sgd", batch) == 2


def test_a_window_of_tokens_is_an_example(paper):
    assert examples(paper, paper.sweeps["lstm-b1"]) == 929_589 // 35
    assert examples(paper, paper.sweeps["cifar10-b32"]) == 50_000


def test_a_twin_has_the_updates_of_its_task(paper):
    """At batch 1024 an epoch of CIFAR-10 has 48 updates or, with the 848 images left over, 49."""
    name = paper.sweeps["cifar10-b1024"].task
    settings = paper.tasks[name].settings
    losses = {}
    for last in ("drop", "keep"):
        task = replace(paper.tasks[name], settings={**settings, "last_batch": last})
        losses[last] = study_twin(replace(paper, tasks={**paper.tasks, name: task}), "fig2")
    first = {last: rows.to_pylist()[0]["mean"] for last, rows in losses.items()}
    assert settings["last_batch"] == "drop" and first["drop"] > 1.005 * first["keep"]


def test_a_twin_is_another_if_the_paper_s_experiment_is_and_not_if_only_its_runs_are(paper):
    """It has no seeds and no L2; of the data only the size counts."""
    sweep = paper.sweeps["cifar10-b32"]
    settings = paper.tasks[sweep.task].settings

    def changed(in_sweep: dict | None = None, in_task: dict | None = None) -> bool:
        task = replace(paper.tasks[sweep.task], settings=settings | (in_task or {}))
        sweeps = paper.sweeps | {sweep.name: replace(sweep, **(in_sweep or {}))}
        other = replace(paper, sweeps=sweeps, tasks=paper.tasks | {sweep.task: task})
        return twin_settings(other, "fig1") != twin_settings(paper, "fig1")

    assert not changed()
    assert not changed(in_sweep={"seeds": (*sweep.seeds, 5)}) and not changed(in_task={"l2": 0})
    assert not changed(in_sweep={"optimizers": (*sweep.optimizers, "nesterov-0.9")})
    assert changed(in_sweep={"batch": 64}) and changed(in_sweep={"effective_lrs": (1.0, 2.0)})
    assert changed(in_sweep={"optimizers": (*sweep.optimizers, "momentum-0.5")})
    assert changed(in_task={"epochs": 20}) and changed(in_task={"last_batch": "keep"})
    assert changed(in_task={"schedule": {"kind": "constant"}})
    assert changed(in_task={"dataset": "mnist"})


def test_text_has_no_smaller_minibatch(paper):
    lstm, wrn = (paper.tasks[paper.sweeps[name].task] for name in ("lstm-b1", "cifar10-b32"))
    kept = [replace(task, settings={**task.settings, "last_batch": "keep"}) for task in (lstm, wrn)]
    assert [last_batch(task) for task in kept] == ["drop", "keep"]


def test_a_text_of_unknown_length_has_no_twin(tmp_path):
    for folder in ("config/studies", "workflow/schemas"):
        shutil.copytree(folder, tmp_path / folder)
    own = "extends: demo\ndatasets: {markov: null, mine: {source: text, train: a, test: b}}\n"
    own += "tasks: {lstm-32_markov: {dataset: mine}}\n"
    (tmp_path / "config/studies/own.yaml").write_text(own)
    study = load_study("own", tmp_path)
    assert twinned(study) == [f"fig{k}" for k in range(1, 8)]


def test_a_study_without_twins_says_so(paper):
    assert optima(paper, {}).startswith(f"{paper.file}: no figure has a twin; a twin needs data")


def test_long_names_keep_the_columns(paper, tables):
    named = replace(paper, figures={"small-batches": paper.figures["fig1"]})
    lines = optima(named, {"small-batches": tables["fig1"]}).splitlines()
    assert {line.index("  32  ") for line in lines[1:]} == {lines[0].index("  batch")}


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("figure", ["fig2", "fig3"])
def test_a_twin_that_diverges_everywhere_has_no_optimum_and_no_curves(paper, figure):
    far = {k: replace(sweep, effective_lrs=(2e6, 4e6)) for k, sweep in paper.sweeps.items()}
    study = replace(paper, sweeps=far)
    table = study_twin(study, figure)
    assert set(table["panel"].to_pylist()) == {"sweep"} and table["mean"].null_count == len(table)
    lines = optima(study, {figure: table}).splitlines()[1:]
    assert lines and all(line.split()[4] == "none" for line in lines)
    with private_style():
        left, right = twin_picture(table, twin_settings(study, figure)).axes
    optimizers = study.sweeps[study.figures[figure].sweeps[0]].optimizers
    crosses = [text.xy[0] for text in left.texts if text.get_text() == "×"]
    assert crosses == [2e6, 4e6] * len(optimizers)
    words = [text.get_text() for text in right.texts if text.get_text() != "×"]
    assert words == (["no curves: no rate without divergence"] * (figure == "fig2"))


def test_a_twin_explains_the_marks_that_it_has_and_no_others(paper, tables):
    explained = set()
    for figure, table in tables.items():
        with private_style():
            drawn = twin_picture(table, twin_settings(paper, figure))
        ids = [line.get_gid() or "" for ax in drawn.axes for line in ax.lines]
        crosses = any(text.get_text() == "×" for ax in drawn.axes for text in ax.texts)
        arrowheads = any(name.endswith((":top", ":bottom")) for name in ids)
        words = " ".join(text.get_text() for text in drawn.texts)
        assert ("× above a panel" in words, "arrowhead" in words) == (crosses, arrowheads)
        explained.add((crosses, arrowheads))
    assert len(explained) > 1


def test_a_twin_says_that_its_optimum_is_the_last_rate_of_the_grid(paper):
    slow = replace(paper.sweeps["cifar10-b32"], effective_lrs=(2**-6, 2**-5))
    study = replace(paper, sweeps={**paper.sweeps, "cifar10-b32": slow})
    said = []
    for each in (paper, study):
        with private_style():
            drawn = twin_picture(study_twin(each, "fig1"), twin_settings(each, "fig1"))
        said.append(drawn.legends[0].get_texts()[2].get_text())
    last = "optimum 1/32, the last rate of the grid (curves at right)"
    assert said == ["optimum 1/4 (curves at right)", last]


def test_a_twin_says_how_long_it_trains(paper, tables):
    """In the words of the figure itself."""
    settings = twin_settings(paper, "fig3")
    with private_style():
        words = twin_picture(tables["fig3"], settings).texts
        assert any("batch 32, 1024 · 200 epochs ·" in text.get_text() for text in words)
        settings["sweeps"] = [sweep | {"epochs": 1} for sweep in settings["sweeps"]]
        words = twin_picture(tables["fig3"], settings).texts
        assert any(" · 1 epoch · " in text.get_text() for text in words)


def test_an_optimizer_of_another_family_has_no_twin(paper):
    """Its momentum alone does not make it heavy ball."""
    assert modelled(replace(paper.sweeps["cifar10-b32"], optimizers=("sgd", "quasi-0.9"))) == [
        "sgd"
    ]


def test_a_figure_of_other_optimizers_has_no_twin(paper):
    nesterov = replace(paper.sweeps["cifar10-b32"], optimizers=("nesterov-0.9",))
    changed = replace(paper, sweeps={**paper.sweeps, "cifar10-b32": nesterov})
    assert twinned(changed) == [f"fig{k}" for k in range(2, 10)]


def test_the_command_makes_every_planned_file(tmp_path, monkeypatch, capsys):
    demo = load_study("demo")
    study = replace(demo, figures={name: demo.figures[name] for name in ("fig1", "fig3")})
    monkeypatch.setattr("largebatch.cli.theory.chosen", lambda name: study)
    monkeypatch.setattr("largebatch.cli.theory.load_config", dict)
    monkeypatch.chdir(tmp_path)
    theory("demo")
    printed = capsys.readouterr().out
    theory(general=True)
    assert capsys.readouterr().out.split() == general_files()
    made = {path.as_posix() for path in map(lambda p: p.relative_to(tmp_path), tmp_path.rglob("*"))}
    assert set(theory_files(study)) <= made
    assert printed.strip() == optima(study, {f: study_twin(study, f) for f in twinned(study)})
    table = read_artefact(tmp_path / "results/demo/theory/T1.parquet")
    sidecar = read_sidecar(tmp_path / "results/demo/theory/T1.json", "results/demo/theory/T1")
    assert sidecar.record["inputs"] == [table.as_input]
    assert sidecar.identity == identity_of(sidecar.record)
    for ending in ("pdf", "svg", "png"):
        picture = tmp_path / f"results/demo/theory/T1.{ending}"
        assert find_mark(picture) == sidecar.identity


def test_pictures_are_the_same_bytes_every_time(tmp_path):
    for name in ("first", "second"):
        write_artefact(
            "results/theory/stability",
            figures_data.stability_against_batch(),
            exact.stability,
            tmp_path / name,
            steps=("theory", "theory"),
            settings={},
            started=0.0,
        )
    for ending in ("pdf", "svg", "png"):
        path = f"results/theory/stability.{ending}"
        assert (tmp_path / "first" / path).read_bytes() == (tmp_path / "second" / path).read_bytes()


def test_the_docs_show_what_the_command_prints(paper, tables):
    text = Path("docs/theory.md").read_text()
    printed = "\n".join(line.rstrip() for line in optima(paper, tables).splitlines())
    assert f"```text\n{printed}\n```" in text
