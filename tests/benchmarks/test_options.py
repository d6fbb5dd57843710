"""A number that measures nothing, or for ever, is refused before anything is done."""

import sys
from pathlib import Path

import audit
import checkpoints
import equivalence
import gpu
import lanes
import orchestration
import peers
import profile_steps
import pytest
import real_runs
import submit
from parts.options import folder_of, parser


@pytest.mark.parametrize(
    ("script", "words"),
    [
        (gpu, "--window 0"),
        (gpu, "--seconds nan"),
        (gpu, "--smal"),  # convolutions.py looks for it before it is parsed
        (peers, "--window -1"),
        (peers, "--contenders vmaps"),
        (profile_steps, "--seconds 0"),
        (lanes, "--rounds 0"),
        (lanes, "--window 0"),
        (checkpoints, "--lanes 0"),
        (checkpoints, "--saves 0"),
        (checkpoints, "--device gpu"),
        (audit, "--repeat 0"),
        (orchestration, "--little"),
        (submit, "--small"),
        (equivalence, "a b --margin 0"),
        (equivalence, "a b --margin 1 --alpha 0"),
        (real_runs, "train --minutes nan"),
        (real_runs, "train --device gpu"),
    ],
    ids=lambda value: value if isinstance(value, str) else value.__name__,
)
def test_what_no_option_takes(script, words, monkeypatch, capsys, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", ["script", *words.split()])
    with pytest.raises(SystemExit) as ended:
        script.main()
    assert ended.value.code == 2
    assert "error: " in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("words", "folder"),
    [("", "results/benchmarks"), ("--small", "results/benchmarks/small"), ("--small --out a", "a")],
)
def test_small_tables_never_take_the_place_of_a_gpu_s(words, folder, monkeypatch):
    monkeypatch.setattr(sys, "argv", ["script", *words.split()])
    assert folder_of(parser("What?", 1, out=None).parse_args()) == Path(folder)


def test_a_study_that_is_not_there_is_a_sentence(monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["audit.py", "--study", "nothing"])
    assert audit.main() == 2
    assert "there is no study 'nothing'" in capsys.readouterr().err
