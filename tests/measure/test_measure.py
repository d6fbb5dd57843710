"""A figure measured end to end, on runs that the trainer made."""

import shutil
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pytest
import torch
from torch import get_float32_matmul_precision as matmul_precision

from largebatch.analysis.as_trained import denormals_as_before
from largebatch.analysis.measure import measure
from largebatch.analysis.measure.figure_rows import measured_table
from largebatch.analysis.measure.files import SCHEMA
from largebatch.analysis.measure.limits import limits
from largebatch.analysis.measure.measure import chosen_epochs
from largebatch.analysis.measure.measurer import Measurer, recorded_execution
from largebatch.analysis.measure.retrain import weights_along
from largebatch.analysis.measure.summary import summary
from largebatch.analysis.tables import write_figure_table
from largebatch.data.load import load_dataset
from largebatch.data.prepare import prepare
from largebatch.errors import UserError
from largebatch.figures.plates.measured import measured_picture, write_measured
from largebatch.figures.style import private_style
from largebatch.records import write_table
from largebatch.study import Run, load_study
from largebatch.training.job import Job
from largebatch.training.pack import Lane, Pack
from largebatch.training.worker import train

DATA = Path("results/data/digits.safetensors")
STUDY = """
extends: demo
seeds: [0, 1]
tasks:
  {task}: {{epochs: 2}}
sweeps:
  {sweep}: {{optimizers: [sgd, momentum-0.9], effective_lrs: [0.02, {lr}]}}
"""


def short(root: Path, lr: float = 0.32):
    """The demo's figure 7 with two epochs and two rates."""
    demo = load_study("demo", root)
    (sweep,) = demo.figures["fig7"].sweeps
    text = STUDY.format(task=demo.sweeps[sweep].task, sweep=sweep, lr=lr)
    (root / "config/studies/short.yaml").write_text(text)
    return load_study("short", root)


@pytest.fixture(scope="module")
def monkeypatch_module():
    with pytest.MonkeyPatch.context() as patch:
        yield patch


@pytest.fixture(scope="module")
def trained(tmp_path_factory, monkeypatch_module):
    """A checkout, in which the tests stand, with the runs and the table of figure 7, short."""
    root = tmp_path_factory.mktemp("checkout")
    for folder in ("config/studies", "workflow/schemas"):
        shutil.copytree(folder, root / folder)
    monkeypatch_module.chdir(root)
    study = short(Path())
    prepare("digits", study.datasets["digits"], root, DATA, record=lambda: {"name": "digits"})
    jobs = [Job(study.spec(run), DATA, Path(run.path)) for run in study.runs_of("fig7")]
    assert train(jobs, device="cpu") == []
    write_figure_table(study, "fig7")
    return study, root


@pytest.fixture(scope="module")
def measured(trained):
    return write_measured(Measurer(trained[0], device="cpu"), "fig7")


def test_runs_trained_again_have_the_bits_of_the_sweeps(measured):
    _, facts = measured
    assert facts == {"reproduced": {"same": 6, "of": 6, "trained": 6}}


def test_runs_are_trained_in_their_precision_and_measured_in_float32(trained):
    """The process has denormals again afterwards."""
    study, root = trained
    spec = study.spec(study.runs_of("fig7")[0])
    lane = Lane(spec | {"task": spec["task"] | {"precision": "tf32"}})
    cpu, seen = torch.device("cpu"), []
    with denormals_as_before(), pytest.MonkeyPatch.context() as patch:
        train_epoch = Pack.train_epoch

        def watched(*given):
            seen.append(matmul_precision())
            return train_epoch(*given)

        patch.setattr(Pack, "train_epoch", watched)
        for _ in weights_along([lane], load_dataset(root / DATA, cpu), [1], cpu):
            seen.append(matmul_precision())
    assert seen == ["high", "highest", "high"]
    assert torch.tensor(1e-310, dtype=torch.float64) * 0.5 > 0


@pytest.mark.parametrize("flushed", [False, True])
def test_denormals_are_flushed_afterwards_if_they_were_before(flushed):
    torch.set_flush_denormal(flushed)
    with denormals_as_before():
        torch.set_flush_denormal(True)
    assert bool(torch.tensor(1e-310, dtype=torch.float64) * 0.5 == 0) == flushed


@pytest.mark.parametrize(("device", "convolutions"), [("cpu", "branches"), ("cuda:0", "auto")])
def test_the_record_tells_how_unless_it_was_on_another_device(tmp_path, device, convolutions):
    run = Run("short", "task", 64, "sgd", 0.02, 0)
    facts = {"device": device, "execution": {"kernels": "off", "convolutions": "branches"}}
    write_table(tmp_path / run.path, pa.table({"epoch": [0]}), {"name": run.path, "facts": facts})
    missing = replace(run, seed=1)
    found = recorded_execution([missing, run], tmp_path, torch.device("cpu"))
    assert found.convolutions == convolutions


def test_every_run_and_epoch_has_its_curvature(measured):
    table, _ = measured
    assert table.schema.names == SCHEMA.names
    rows = table.filter(pc.field("quantity") == "h_max").to_pylist()
    points = {(row["optimizer"], row["effective_lr"]) for row in rows}
    assert ("sgd", 0.02) in points and len(points) == 3
    assert {(row["seed"], row["epoch"]) for row in rows} == {(s, e) for s in (0, 1) for e in (1, 2)}
    assert all(row["value"] > 0 for row in rows) and len(rows) == 12


def test_noise_of_independent_examples_goes_as_one_over_root_b(measured):
    """No batch norm: B tr Cov is the same number for every B, within the sampling error."""
    rows = measured[0].filter(pc.field("quantity") == "noise_trace").to_pylist()
    groups = {}
    for row in rows:
        groups.setdefault((row["optimizer"], row["effective_lr"], row["epoch"]), []).append(row)
    for found in groups.values():
        values = [row["value"] for row in found]
        assert [row["probe_batch"] for row in found] == [4, 16, 64]
        assert max(values) < 1.4 * min(values)


def test_limits_are_those_of_the_mean_curvature_of_sgd(trained):
    """Its smallest rate may be the optimum, where momentum is measured too."""
    sweep = replace(
        trained[0].sweeps["autoencoder-b64"],
        optimizers=("sgd", "momentum-0.9", "nesterov-0.9", "corrected-0.9"),
    )
    keys = {"quantity": "h_max", "task": sweep.task, "batch": sweep.batch, "seed": 0, "epoch": 1}
    rows = [
        keys | {"optimizer": optimizer, "effective_lr": lr, "value": value}
        for optimizer, lr, value in (
            ("sgd", 0.02, 2.0),
            ("sgd", 0.02, 8.0),
            ("sgd", 0.32, 1e9),
            ("momentum-0.9", 0.02, 1e9),
        )
    ]
    found = {(row["quantity"], row["optimizer"]): row["value"] for row in limits(sweep, rows)}
    assert found == {
        ("onset", "sgd"): pytest.approx(1 / 4),
        ("limit", "sgd"): pytest.approx(2 / 4),
        ("limit", "momentum-0.9"): pytest.approx(38 / 4),  # the form is heavy ball's alone
    }
    assert limits(sweep, []) == []


@pytest.mark.parametrize(
    ("own", "others"),
    [
        ({"normalization": "batch"}, ["ghost", "none"]),
        ({"normalization": "batch", "ghost_batch": 8}, ["none"]),
        ({"normalization": "none"}, []),
    ],
)
def test_noise_is_measured_of_the_normalizations_that_the_run_was_not_trained_with(
    monkeypatch, own, others
):
    seen = []
    monkeypatch.setattr(measure, "Probe", lambda *given: None)
    monkeypatch.setattr(measure, "weights_along", lambda lanes, *_: seen.extend(lanes) or ())
    study = load_study("demo")
    run = study.runs_of("fig1")[0]
    task = study.tasks[run.task]
    task = replace(task, settings=task.settings | {"model": task.model | own})
    study = replace(study, tasks=study.tasks | {run.task: task})
    assert list(measure.measure_variants(study, run, None, None)) == []
    assert [measure.normalization_of(lane.spec["task"]["model"]) for lane in seen] == others


def test_the_summary_names_every_quantity(measured):
    words = summary(measured[0])
    for part in ("h_max", "batch_sharpness", "onset of sgd", "noise_scale", "B = 64"):
        assert part in words


def test_a_table_of_other_settings_is_refused(trained, measured, tmp_path):
    shutil.copytree(trained[1], tmp_path, dirs_exist_ok=True)
    study = short(tmp_path, lr=0.64)
    with pytest.raises(UserError, match="other settings"):
        measured_table(Measurer(study, tmp_path, "cpu"), "fig7")


def test_figures_share_the_runs_that_both_show(trained, measured, monkeypatch, tmp_path):
    """The second trains only its own, and has the numbers that it has when it is measured alone."""
    shutil.copytree(trained[1], tmp_path, dirs_exist_ok=True)
    monkeypatch.chdir(tmp_path)
    study, trained_again, along = trained[0], [], measure.weights_along
    sgd = replace(study.sweeps["autoencoder-b64"], name="sgd", optimizers=("sgd",))
    shown = study.figures["fig7"]
    of_sgd = replace(shown, name="of-sgd", sweeps=("sgd",))
    study = replace(
        study, sweeps=study.sweeps | {"sgd": sgd}, figures={"of-sgd": of_sgd, "fig7": shown}
    )
    write_figure_table(study, "of-sgd")

    def watched(lanes, *given):
        trained_again.append({lane.spec["optimizer"] for lane in lanes})
        return along(lanes, *given)

    monkeypatch.setattr(measure, "weights_along", watched)
    measurer = Measurer(study, device="cpu")
    measured_table(measurer, "of-sgd")
    table, _, facts = measured_table(measurer, "fig7")
    assert trained_again == [{"sgd"}, {"momentum-0.9"}]
    assert table.equals(measured[0]) and facts == measured[1]


def test_data_that_sweeps_share_are_one_input(trained, monkeypatch, tmp_path):
    """The audit takes a record that names an input twice for tampered with."""
    shutil.copytree(trained[1], tmp_path, dirs_exist_ok=True)
    monkeypatch.chdir(tmp_path)
    shown = trained[0].figures["fig7"]
    study = replace(trained[0], figures={"fig7": replace(shown, sweeps=shown.sweeps * 2)})
    write_figure_table(study, "fig7")
    monkeypatch.setattr(Measurer, "measure", lambda *_: ([], []))
    _, inputs, _ = measured_table(Measurer(study, tmp_path, "cpu"), "fig7")
    assert [each["name"] for each in inputs] == ["results/short/tables/fig7.parquet", str(DATA)]


def test_runs_that_all_diverge_have_a_picture_and_nothing_measured(trained):
    study, _ = trained
    point = {"quantity": "final_train_loss", "batch": 64, "optimizer": "sgd", "effective_lr": 0.02}
    with private_style():
        picture = measured_picture(
            pa.Table.from_pylist([point], schema=SCHEMA), study.figure_settings("fig7")
        )
    finals, *others = picture.axes
    assert finals.get_title(loc="left") == "batch 64" and len(others) == 5
    assert [t.get_text() for t in finals.texts] == ["no training loss:\nevery seed diverged"]
    assert all("none measured" in ax.texts[0].get_text() for ax in others)


def test_every_mean_beyond_the_scale_has_an_arrowhead(trained):
    """However many rates there are: each was measured by itself, so none stands for others."""
    settings = trained[0].figure_settings("fig7")
    rates = [2.0**-k for k in range(40)]
    settings["sweeps"][0]["effective_lrs"] = rates
    point = {"quantity": "final_train_loss", "batch": 64, "optimizer": "sgd"}
    points = [point | {"effective_lr": lr, "value": 1.0 if lr < 2**-10 else 1e3} for lr in rates]
    with private_style():
        picture = measured_picture(pa.Table.from_pylist(points, schema=SCHEMA), settings)
    arrows = {line.get_gid(): line for line in picture.axes[0].lines}
    assert arrows["final:64:sgd:+0.0:top"].get_xdata().tolist() == rates[:11]
    assert any("arrowhead: the mean is beyond" in text.get_text() for text in picture.texts)


def test_curvature_tells_optimizers_apart_without_colours(trained):
    point = {"quantity": "h_max", "batch": 64, "effective_lr": 0.02, "seed": 0, "value": 1.0}
    rows = [point | {"optimizer": name, "epoch": epoch}
            for name in ("sgd", "momentum-0.9") for epoch in (1, 8)]  # fmt: skip
    with private_style():
        picture = measured_picture(
            pa.Table.from_pylist(rows, schema=SCHEMA), trained[0].figure_settings("fig7")
        )
    assert [line.get_linestyle() for line in picture.axes[1].lines] == ["-", "--"]


def test_epochs_are_first_middle_and_last():
    assert [chosen_epochs(n) for n in (1, 2, 8, 200)] == [[1], [1, 2], [1, 4, 8], [1, 100, 200]]
