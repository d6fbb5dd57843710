"""`--only` with a word that no workload has measures nothing, and says so."""

import sys
from functools import partial
from pathlib import Path

import gpu
import lanes
import peers
import profile_steps
import pytest

from largebatch.study import load_study

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("script", [gpu, peers, profile_steps, lanes])
def test_a_word_that_no_workload_has(script, monkeypatch, capsys, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(script, "load_study", partial(load_study, root=ROOT), raising=False)
    small = [] if script is lanes else ["--small"]
    monkeypatch.setattr(sys, "argv", ["script", *small, "--only", "wnr"])
    with pytest.raises(SystemExit) as ended:
        script.main()
    assert ended.value.code == 2
    assert capsys.readouterr().out.startswith("--only 'wnr': no such workload")
    assert not list(tmp_path.iterdir())
