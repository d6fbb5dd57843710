"""A kind of model that the schema offers is known wherever kinds are told apart.

What fails for a new kind is the list of what it still needs (CONTRIBUTING.md).
"""

from pathlib import Path

import pytest
import yaml

from largebatch.analysis.claims import scores
from largebatch.analysis.measure.objective import objective_of
from largebatch.figures.axes import metric_label
from largebatch.figures.face import model_name
from largebatch.study import checks, cluster, device_memory, lanes, load_study
from largebatch.training.build import MODELS

ROOT = Path(__file__).parents[2]
SCHEMA = yaml.safe_load((ROOT / "workflow/schemas/study.schema.yaml").read_text())["$defs"]
KINDS = {kind["$ref"].rpartition("/")[2] for kind in SCHEMA["task"]["properties"]["model"]["oneOf"]}
STUDIES = [load_study(file.stem, ROOT) for file in (ROOT / "config/studies").glob("*.yaml")]
TABLES = {
    "training.build.MODELS": MODELS,
    "study.checks.METRICS": checks.METRICS,
    "study.lanes.LANES": lanes.LANES,
    "study.lanes.GPU_LANES": lanes.GPU_LANES,
    "study.lanes.STEP": lanes.STEP,
    "study.lanes.RATE": lanes.RATE,
    "study.cluster.STEP": cluster.STEP,
    "study.cluster.LANE_MB": cluster.LANE_MB,
    "analysis.claims.scores.METRICS": {kind for kind, _ in scores.METRICS},
}


@pytest.mark.parametrize("table", TABLES)
def test_a_table_of_kinds_has_all(table):
    assert set(TABLES[table]) == KINDS


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_what_is_computed_by_kind(kind):
    found = [(s, run) for s in STUDIES for run in s.runs if s.tasks[run.task].model["kind"] == kind]
    assert found, "no study in config/studies has a sweep of it"
    study, run = found[0]
    task = study.tasks[run.task]
    assert lanes.work(study, run) > 0
    assert device_memory.device_mb(study, run, 1_000) > device_memory.CONTEXT_MB
    assert model_name(task.model) and metric_label("train_loss", task.model, final=True)
    assert callable(objective_of(task.model))


def test_no_kind_is_taken_for_another():
    with pytest.raises(ValueError, match="no such kind of model: mlp"):
        model_name({"kind": "mlp", "widths": [8]})
