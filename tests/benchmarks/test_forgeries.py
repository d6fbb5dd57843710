"""benchmarks/forgeries.py: what an answer is worth, and two keepers asked about real changes."""

import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import forgeries
import pytest
import yaml
from forging import keeper as keepers
from forging.keeper import Answer
from forging.ours import Largebatch
from forging.perturbations import PERTURBATIONS, Perturbation
from forging.rivals import Snakemake
from forging.verdicts import verdict
from parts.edit import replace

RUN = Snakemake.files["run"]
YES, WRONG = Answer(True, (), 1.0), Answer(False, ("something",), 1.0)
BLAMED = Answer(False, (f"changed: {RUN}",), 1.0)


@pytest.fixture
def keeper(tmp_path) -> Snakemake:
    return Snakemake(tmp_path / "work")


def change(name: str) -> Perturbation:
    return next(each for each in PERTURBATIONS if each.name == name)


@pytest.mark.parametrize(
    ("answer", "of_a_run", "of_nothing", "of_the_plots"),
    [
        (YES, "not noticed", "right", "not noticed"),
        (WRONG, "noticed", "false alarm", "noticed"),
        (BLAMED, "named", "false alarm", "false alarm"),
        (Answer(True, (RUN,), 1.0), "told", "false alarm", "not noticed"),
        (Answer(False, ("lib/style.py",), 1.0), "noticed", "false alarm", "named"),
        (None, "no question", "no question", "no question"),
    ],
)
def test_what_an_answer_is_worth(keeper, answer, of_a_run, of_nothing, of_the_plots):
    names = ("a run deleted", "comment in training code", "colour or font of plots")
    found = [verdict(keeper, change(name), answer) for name in names]
    assert found == [of_a_run, of_nothing, of_the_plots]


def test_every_change_has_its_own_name():
    assert len({each.name for each in PERTURBATIONS}) == len(PERTURBATIONS)


def test_every_keeper_has_the_same_roles():
    for kind in (Largebatch, Snakemake):
        assert kind.files.keys() == Snakemake.files.keys()
        assert kind.sources.keys() == Snakemake.sources.keys()


def test_settings_are_changed_at_every_level(tmp_path):
    for kind in (Largebatch, Snakemake):
        keeper = kind(tmp_path / kind.name)
        keeper.at("settings").parent.mkdir(parents=True)
        content = {"seeds": [0], "tasks": {"a": {"epochs": 1}}, "sweeps": {"a": {"epochs": 1}}}
        keeper.at("settings").write_text(yaml.safe_dump(content))

        def change(settings: dict) -> None:
            settings["seeds"] = [7]
            settings["epochs_of"]["a"]["epochs"] += 1

        keeper.edit_settings(change)
        whole = yaml.safe_load(keeper.at("settings").read_text())
        changed = "tasks" if kind is Largebatch else "sweeps"
        assert whole == content | {"seeds": [7], changed: {"a": {"epochs": 2}}}


SLOW = ("bash", "-c", "sleep 100 & echo $! >child; wait")  # the child outlives a killed parent


@pytest.fixture
def at_work(keeper) -> Snakemake:
    keeper.root.mkdir()
    yield keeper
    child = Path("/proc", (keeper.root / "child").read_text().strip(), "status")
    for _ in range(100):
        if not child.exists() or "\nState:\tZ" in child.read_text():
            return
        time.sleep(0.05)
    pytest.fail("the child is still at work")


def test_a_call_that_takes_too_long_is_ended_with_its_children(at_work, monkeypatch):
    monkeypatch.setattr(keepers, "SECONDS", 0.5)
    with pytest.raises(RuntimeError, match=r"ended, as it took over 0\.5 s"):
        at_work.call(*SLOW, code=None)


def test_what_others_run_is_ended_when_one_keeper_fails(at_work):
    with ThreadPoolExecutor(1) as pool, pytest.raises(KeyboardInterrupt):
        called = pool.submit(at_work.call, *SLOW)
        with forgeries.stopped_early([at_work]):
            while not (at_work.root / "child").exists():
                time.sleep(0.05)
            time.sleep(0.1)
            raise KeyboardInterrupt
    assert isinstance(called.exception(), RuntimeError)
    with pytest.raises(RuntimeError, match="stopped"):
        at_work.call("true")


def test_a_text_that_is_not_there_is_not_replaced(tmp_path):
    file = tmp_path / "config.yaml"
    file.write_text("study: demo\n")
    with pytest.raises(ValueError, match=r"config\.yaml does not contain 'study: other'"):
        replace(file, "study: other", "study: tiny")
    replace(file, "study: demo", "study: tiny")
    assert file.read_text() == "study: tiny\n"


def measured(keeper, *names: str) -> list[str]:
    rows = forgeries.measure(keeper, tuple(change(name) for name in names))
    return [row["verdict"] for row in rows]


def test_largebatch_is_asked(tmp_path):
    names = ("the same, size and time kept", "comment in training code")
    assert measured(Largebatch(tmp_path / "work"), *names) == ["named", "right"]


def test_snakemake_is_asked(tmp_path, monkeypatch):
    def small(self) -> None:
        self.edit_settings(lambda settings: settings.update(seeds=[0, 1], rates=[0.1]))

    monkeypatch.setattr(Snakemake, "begin", small)
    names = ("nothing", "a run deleted", "comment in training code", "picture retouched")
    found = measured(Snakemake(tmp_path / "work"), *names)
    assert found == ["right", "named", "false alarm", "not noticed"]


def test_a_rival_that_is_not_there_is_named(tmp_path, capsys):
    keepers = [keeper.name for keeper in forgeries.present(tmp_path, tmp_path / "none")]
    assert keepers == ["largebatch", "snakemake"]
    said = capsys.readouterr().out
    assert "dvc is skipped" in said and "mlflow is skipped" in said
    assert "uv venv rivals && uv pip install --python rivals dvc==" in said


def test_the_committed_table_is_of_these_changes(capsys):
    import pyarrow.parquet as pq

    table = pq.read_table(Path(forgeries.__file__).parent / "measured/forgeries.parquet")
    rows = table.to_pylist()
    names = [each.name for each in PERTURBATIONS]
    for name in ("largebatch", "dvc", "mlflow", "snakemake"):
        assert [row["change"] for row in rows if row["keeper"] == name] == names
    forgeries.show(rows, {})
    text = (Path(forgeries.__file__).parents[1] / "docs/audit.md").read_text()
    printed = [line for line in capsys.readouterr().out.splitlines() if line.startswith("|")]
    assert all(line in text for line in printed)
