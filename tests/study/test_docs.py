"""Studies in docs are studies; docs/results.md names each column, docs/data.md each key."""

import re
import shutil
from pathlib import Path

import pytest

from largebatch.analysis import long_form
from largebatch.analysis.claims import evaluate
from largebatch.study import load_study
from largebatch.study.yaml_files import read_yaml
from largebatch.training import history

ROOT = Path(__file__).parents[2]
STUDIES = re.findall(r"```yaml\n(.*?)```", (ROOT / "docs/studies.md").read_text(), re.DOTALL)
DATA = (ROOT / "docs/data.md").read_text()
OF_ONES_OWN = re.findall(r"```yaml\n(.*?)```", DATA, re.DOTALL)
RESULTS = (ROOT / "docs/results.md").read_text()


@pytest.fixture
def study(tmp_path):
    for folder in ("config/studies", "workflow/schemas"):
        shutil.copytree(ROOT / folder, tmp_path / folder)

    def written(text: str):
        (tmp_path / "config/studies/own.yaml").write_text(text)
        return load_study("own", tmp_path)

    return written


def test_a_diff_of_the_demo(study):
    assert len(study(STUDIES[0]).runs_of("fig7")) == 30


def test_a_study_from_nothing(study):
    own = study(STUDIES[1])
    assert {own.tasks[run.task].dataset for run in own.runs} == {"patterns", "letters"}
    assert own.runs == list(dict.fromkeys(run for name in own.figures for run in own.runs_of(name)))


@pytest.mark.parametrize(("text", "figure"), list(zip(OF_ONES_OWN, ("fig2", "fig9"), strict=True)))
def test_data_of_ones_own_are_drawn_and_are_not_the_papers(study, text, figure):
    own = study(text)
    assert own.datasets_of(figure)[0] in ("flowers", "novels")
    assert own.notice and not own.faithful
    assert own.figures[figure].paper_optimum is None


@pytest.mark.parametrize("schema", [history.SCHEMA, long_form.SCHEMA, evaluate.SCHEMA])
def test_every_column_is_explained(schema):
    assert {f"`{name}`" for name in schema.names} <= set(re.findall(r"`\w+`", RESULTS))


def test_every_source_of_data_and_its_keys_are_explained():
    """Required keys are in one column, optional ones in the next."""
    schema = read_yaml(Path("workflow/schemas/study.schema.yaml"), ROOT)["$defs"]["dataset"]
    known = {}
    for source in schema["oneOf"]:
        keys, needed = set(source["properties"]), set(source["required"]) - {"source"}
        known[source["properties"]["source"]["const"]] = needed, keys - needed - {"source"}
    table = re.findall(r"^\| (`.*?`) \| .*? \|(.*?)\|(.*?)\|$", DATA, re.MULTILINE)
    told = {
        name: tuple(set(re.findall(r"`(\w+)`(?!\))", cell)) for cell in cells)
        for names, *cells in table
        for name in re.findall(r"`([\w-]+)`", names)
    }
    assert {name: told[name] for name in known} == known
