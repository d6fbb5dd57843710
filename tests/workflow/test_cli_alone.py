"""What the commands themselves do, with stand-ins for the work: words, exit codes, defaults."""

import json
import sys
from pathlib import Path
from types import SimpleNamespace

import pyarrow as pa
import pytest
from command_line import DEMO, said
from typer.testing import CliRunner

from largebatch.cli import app as program
from largebatch.cli import status
from largebatch.cli.app import app
from largebatch.cli.data import data
from largebatch.cli.options import chosen
from largebatch.cli.running import _where
from largebatch.errors import UserError


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ("table", "name a figure, e.g. fig1; `largebatch status` lists them."),
        ("train --spec {} --out O", "--spec needs --data and --out as well."),
        ("train --spec {} --data D", "--spec needs --data and --out as well."),
        (
            "export runs.txt",
            "runs.txt: tables are written as .csv or .parquet; choose such a name.",
        ),
    ],
)
def test_what_is_lacking_is_said(arguments: str, sentence: str) -> None:
    assert str(CliRunner().invoke(app, arguments.split()).exception) == sentence


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (OSError(28, "No space left on device"), "No space left on device"),
        (OSError(13, "Permission denied", "a"), "a: Permission denied"),
    ],
)
def test_an_error_of_the_system_is_one_sentence(monkeypatch, capsys, error, sentence) -> None:
    monkeypatch.setattr(program, "check_sources", lambda root: (_ for _ in ()).throw(error))
    with pytest.raises(SystemExit) as end:
        program.main()
    assert end.value.code == 2
    assert capsys.readouterr().err == f"largebatch: {sentence}; fix that and start again.\n"


def test_an_error_that_is_not_the_system_s_is_a_fault_of_ours(monkeypatch) -> None:
    error = OSError("a decoder's")
    monkeypatch.setattr(program, "check_sources", lambda root: (_ for _ in ()).throw(error))
    with pytest.raises(OSError, match="a decoder's"):
        program.main()


def test_a_pack_of_tables_of_which_two_fail(tmp_path: Path, monkeypatch, capfd) -> None:
    """Each is told in its log; the others are made, and only they are done."""

    def write(study, figure: str, unfinished: bool) -> None:
        made.append((study.name, figure, unfinished))
        if figure != "fig1":
            raise {"fig2": UserError("no runs"), "fig3": ValueError("a fault")}[figure]

    made: list[tuple] = []
    monkeypatch.setattr("largebatch.analysis.tables.write_figure_table", write)
    logs = {name: tmp_path / "logs" / f"{name}.log" for name in ("fig1", "fig2", "fig3")}
    runs = [
        {"study": "demo", "figure": name, "unfinished": name == "fig2", "log": str(log)}
        | {"done": str(tmp_path / f"{name}.done")}
        for name, log in logs.items()
    ]
    pack = tmp_path / "pack.json"
    pack.write_text(json.dumps({"runs": runs}))
    said("table", "--pack", str(pack), code=1)
    assert made == [("demo", "fig1", False), ("demo", "fig2", True), ("demo", "fig3", False)]
    assert [path.name for path in tmp_path.glob("*.done")] == ["fig1.done"]
    assert logs["fig1"].read_text() == "finished\n"
    assert logs["fig2"].read_text() == "largebatch: no runs\n"
    assert logs["fig3"].read_text().startswith("Traceback")
    pack.write_text(json.dumps({"runs": runs[:1]}))
    said("table", "--pack", str(pack), code=0)


def test_groups_of_the_configuration_are_those_of_its_study(monkeypatch) -> None:
    asked = []
    config = {"study": "demo", "enable": ["more"]}
    monkeypatch.setattr("largebatch.cli.options.load_config", lambda: config)
    monkeypatch.setattr("largebatch.cli.options.load_study", lambda *a, **k: asked.append((a, k)))
    for given in ((None,), ("demo",), ("paper",), (None, ["less"])):
        chosen(*given)
    groups = [["more"], ["more"], [], ["less"]]
    names = ["demo", "demo", "paper", "demo"]
    assert asked == [((n,), {"enable": g}) for n, g in zip(names, groups, strict=True)]


def test_where_a_pack_is(tmp_path: Path) -> None:
    """Two epochs of three seconds each since the fourth, and five to come."""
    file = tmp_path / "progress.json"
    seen = {"first": 4, "epoch": 5, "epochs": 10, "elapsed": 6}
    for content in (None, "no JSON", "{}", json.dumps(seen | {"epoch": 3})):
        if content:
            file.write_text(content)
        assert _where(file) == "no epoch has ended yet"
    file.write_text(json.dumps(seen))
    assert _where(file) == "epoch 5 of 10, about 15 s left"


def test_of_many_failed_runs_the_first_are_listed(monkeypatch) -> None:
    monkeypatch.setattr(status, "read_packs", list)
    monkeypatch.setattr(status, "_state", lambda *_: "failed")
    monkeypatch.setattr(status, "_why", lambda run, pack: "no room")
    lines = [line for line in said("status").splitlines() if line.startswith("failed: ")]
    first = [f"failed: {run.name}: no room" for run in list(DEMO.by_file.values())[:10]]
    assert lines == [*first, f"failed: {len(DEMO.by_file) - 10} more"]


def test_a_figure_whose_sidecar_is_damaged(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert status._drawn(DEMO, "fig1") == "no"
    folder = tmp_path / "results/demo/figures"
    folder.mkdir(parents=True)
    for ending in ("pdf", "json"):
        (folder / f"fig1.{ending}").touch()
    assert status._drawn(DEMO, "fig1") == "damaged"


def test_the_gains_and_updates_of_the_maps(monkeypatch) -> None:
    place = {"task": "net", "batch": 8, "optimizer": "momentum-0.9", "metric": "test_loss"}
    gap = pa.Table.from_pylist([place | {"mean": 0.12345, "n": 3}])
    reach = pa.Table.from_pylist([place | {"mean": 7.0, "unit": "updates", "target": 0.25}])
    tables = {"gap": gap, "reach": reach}
    monkeypatch.setattr("largebatch.figures.plates.maps.write_maps", lambda study: tables)
    assert said("maps").splitlines() == [
        "net b8 test_loss: gain of momentum-0.9 over SGD 0.1235 (n = 3)",
        "net b8 momentum-0.9: 7 updates to test_loss 0.25",
    ]


@pytest.mark.parametrize("terminal", [True, False])
def test_bars_are_drawn_on_a_terminal_alone_where_no_errors_go(
    monkeypatch, capsys, terminal
) -> None:
    def prepare(*_, progress: bool, **__) -> None:
        print(progress, file=sys.stderr)  # as tqdm does

    monkeypatch.setattr("largebatch.data.prepare.prepare", prepare)
    monkeypatch.setattr(sys.stdout, "isatty", lambda: terminal)
    data("digits", "demo")
    assert capsys.readouterr() == (f"{terminal}\n", "")


def test_how_many_measured_runs_came_out_the_same(monkeypatch) -> None:
    made = (None, {"reproduced": {"same": 2, "of": 3}})
    monkeypatch.setattr("largebatch.figures.plates.measured.write_measured", lambda *_: made)
    monkeypatch.setattr("largebatch.analysis.measure.summary.summary", lambda table: "  h_max")
    monkeypatch.setattr("largebatch.analysis.measure.measurer.Measurer", lambda *_, **__: None)
    words = "fig7: 2 of 3 runs trained again have the numbers in their files\n  h_max\n"
    assert said("measure", "--figure", "fig7") == words


def test_a_study_with_nothing_to_audit_is_not_verified(monkeypatch) -> None:
    monkeypatch.setattr("largebatch.cli.audit.audit_study", lambda *_, **__: [])
    refused = CliRunner().invoke(app, ["audit"]).exception
    assert str(refused).endswith("figures: there is none to audit; add one.")


@pytest.mark.parametrize("option", [(), ("--audit",)])
def test_the_verdicts_of_a_report(monkeypatch, option) -> None:
    """Of figures and claims, which are what it shows; none unless they are asked for."""

    def reports(study, names):
        note = SimpleNamespace(what="7 runs diverged")
        subjects = [SimpleNamespace(name=name) for name in names]
        return [SimpleNamespace(subject=s, headline="VERIFIED", notes=[note]) for s in subjects]

    def write(study, verdicts, unfinished):
        given.append((verdicts, unfinished))
        return "report.html"

    given: list = []
    monkeypatch.setattr("largebatch.audit.audited", lambda study: ["fig1", "claims", "T1"])
    monkeypatch.setattr("largebatch.audit.audit_study", reports)
    monkeypatch.setattr("largebatch.figures.report.write_report", write)
    assert said("report", *option) == "report.html\n"
    words = dict.fromkeys(["fig1", "claims"], "VERIFIED; 7 runs diverged")
    assert given == [(words if option else None, False)]
