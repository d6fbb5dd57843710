"""docs/errata.md prints what its command prints."""

import re
import runpy
import sys
from pathlib import Path

PAGE = Path(__file__).parents[2] / "docs" / "errata.md"
MODULE = "largebatch.analysis.theory.errata"


def test_every_block_of_the_page_is_what_the_command_prints(capsys, monkeypatch):
    monkeypatch.delitem(sys.modules, MODULE, raising=False)
    runpy.run_module(MODULE, run_name="__main__")
    printed = capsys.readouterr().out.strip().split("\n\n")
    blocks = [block.strip() for block in re.findall(r"```text\n(.*?)```", PAGE.read_text(), re.S)]
    assert blocks == printed


def test_every_function_that_the_page_names_exists():
    names = re.findall(r"`(\w+)\.(\w+)`", PAGE.read_text())
    assert len(names) > 10
    for module, function in names:
        assert callable(getattr(sys.modules[f"largebatch.analysis.theory.{module}"], function))
