"""Every kind of model is known in every place that tells kinds apart; a new one needs them all."""

from dataclasses import replace
from math import inf
from pathlib import Path

import pytest
import yaml

from largebatch.analysis.maps.planned import task_metrics
from largebatch.analysis.measure.objective import objective_of
from largebatch.errors import UserError
from largebatch.figures.face import facts, metric_label
from largebatch.study import load_study
from largebatch.study.device_memory import CONTEXT_MB, device_mb
from largebatch.study.kinds.table import KINDS
from largebatch.study.lanes import lanes, work
from largebatch.training.build import MODELS

ROOT = Path(__file__).parents[2]
SCHEMA = yaml.safe_load((ROOT / "workflow/schemas/study.schema.yaml").read_text())["$defs"]
OFFERED = [kind["$ref"].split("/")[-1] for kind in SCHEMA["task"]["properties"]["model"]["oneOf"]]
METRICS = set(SCHEMA["figure"]["properties"]["metrics"]["items"]["enum"])
STUDIES = [load_study(file.stem, ROOT) for file in (ROOT / "config/studies").glob("*.yaml")]


def test_the_schema_and_both_tables_have_the_same_kinds():
    assert set(OFFERED) == MODELS.keys() == KINDS.keys()


@pytest.mark.parametrize("name", OFFERED)
def test_what_is_computed_by_kind(name):
    found = [(s, run) for s in STUDIES for run in s.runs if s.tasks[run.task].model["kind"] == name]
    assert found, "no study in config/studies has a sweep of it"
    study, run = found[0]
    assert set(KINDS[name].panels.values()) <= KINDS[name].metrics <= METRICS
    assert work(study, run) > 0 and device_mb(study, run, 1_000) > CONTEXT_MB
    assert callable(objective_of(study.tasks[run.task].model))


def test_a_kind_is_asked_and_not_its_name(monkeypatch):
    words = {"title": lambda model: "Mine", "loss": lambda model: "mine"}
    others = {"gpu_lanes": ((inf, 7),), "weights": lambda model, pixels: 2**40}
    kind = replace(KINDS["autoencoder"], panels={"train": "a", "test": "b"}, **words, **others)
    monkeypatch.setitem(KINDS, "autoencoder", kind)
    study = load_study("demo", ROOT)
    run = study.runs_of("fig6")[0]
    task = study.tasks[run.task]
    assert lanes("auto", task, run.batch, "cuda") == 7 and device_mb(study, run, 1) > 2**20
    assert " · Mine · " in facts(study.figure_settings("fig6"))
    assert "(mine)" in metric_label("test_loss", task.model)
    assert task_metrics(study)[task.name] == ("a", "b")
    monkeypatch.setitem(KINDS, "autoencoder", replace(kind, is_text=True))
    with pytest.raises(UserError, match="use kind wrn"):
        load_study("demo", ROOT)
