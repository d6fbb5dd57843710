"""The made-up results of benchmarks/audit.py are ones that an audit finds nothing wrong with."""

from dataclasses import replace

import audit
import pytest

from largebatch.audit import audit_study
from largebatch.study import load_study


@pytest.mark.parametrize("name", ["cifar10-small", "mnist", "ptb-small"])
def test_they_contradict_nothing(tmp_path, name):
    study = load_study(name)
    few = {key: replace(s, effective_lrs=s.effective_lrs[:1]) for key, s in study.sweeps.items()}
    study = replace(study, sweeps=few)
    audit.make_results(study, tmp_path)
    assert {r.headline for r in audit_study(study, tmp_path, study.figures)} == {"VERIFIED"}
