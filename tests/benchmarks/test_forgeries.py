"""benchmarks/forgeries.py: what an answer is worth, and two keepers asked about real changes."""

from pathlib import Path

import forgeries
import pytest
from forging.keeper import Answer
from forging.ours import Largebatch
from forging.perturbations import PERTURBATIONS, Perturbation
from forging.rivals import Snakemake
from forging.verdicts import verdict

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


def measured(keeper, *names: str) -> list[str]:
    rows = forgeries.measure(keeper, tuple(change(name) for name in names))
    return [row["verdict"] for row in rows]


def test_largebatch_is_asked(tmp_path):
    names = ("nothing", "the same, size and time kept", "comment in training code")
    found = measured(Largebatch(tmp_path / "work"), *names)
    assert found == ["right", "named", "right"]


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
