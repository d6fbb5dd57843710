"""Source code without what does not matter."""

import ast
import shutil
import subprocess
from pathlib import Path

import pytest

from largebatch.records import normal_form as module
from largebatch.records.digest import sha256
from largebatch.records.normal_form import normal_form

SOURCE = '''
"""Docstring."""
from __future__ import annotations
import numpy as np

class A(object):
    """What it is."""
    x: int = 3
    """What x is."""

    async def f(self, *args, k=1.5, **rest) -> "str":
        # a comment
        return f"{self.x!r:>{k}} {k=}" + u"text" + b"\\x00".decode()

def step(v, m, e):
    match v:
        case [1, *others] if m > 0x10: pass
        case {"a": 1j, **rest}: pass
    return [w - e * (m * v + g) for w, g in zip(v, m, strict=True)] or (lambda: ...)

@cached(size=None)
def rest(a, /, b=(), *, c: int = -1):
    global seen
    with a as (x, *y), b: seen = {**a, None: "\\ud800", x[1:, ::2]: not y}
    try: yield from ()
    except (KeyError, OSError) as error: raise ValueError from error
    finally: del a[0], b.c
'''


def form(text: str) -> bytes:
    return normal_form(ast.parse(text))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("# a comment", "# another comment, longer"),
        ("# a comment\n", "\n\n"),
        ('"""Docstring."""', '"""Another."""'),
        ('"""Docstring."""', ""),
        ('"""What it is."""', '"""It is\n    longer."""'),
        ('"""What x is."""', '"""Else."""'),
        ('"text"', "'text'"),
        ("0x10", "16"),
        ("m * v + g", "(m * v) + g"),
    ],
)
def test_what_does_nothing_leaves_no_trace(old, new):
    assert old in SOURCE
    assert form(SOURCE.replace(old, new)) == form(SOURCE)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("1.5", "1.25"),
        ("= 3", "= 3.0"),
        ("m * v + g", "m * (v + g)"),
        ("e * (m", "e / (m"),
        ("strict=True", "strict=1"),
        ("{k=}", "{k}"),
        ("!r", "!s"),
        ("def step", "def stride"),
        ("*others", "*more"),
        ("w - e", "x - e"),
        ("lambda: ...", "lambda: None"),
        ("pass\n", "return\n"),
    ],
)
def test_any_change_of_code_is_seen(old, new):
    assert old in SOURCE
    assert form(SOURCE.replace(old, new)) != form(SOURCE)


def test_the_rename_of_a_local_variable_is_a_change_of_code():
    assert form("def f(x):\n    y = x\n    return y") != form("def f(x):\n    z = x\n    return z")


def other_pythons() -> list[str]:
    names = [f"python3.{minor}" for minor in (11, 12, 13, 14)]
    managed = Path.home().glob(".pyenv/versions/3.1[1-4]*/bin/python")
    return [*filter(None, map(shutil.which, names)), *map(str, managed)]


DIGEST = "a7edff304661b3f1134417387dff8dc71f214044423636d0e66e318031fbdb66"


def test_the_form_is_the_same_in_every_python():
    """The digest is pinned, so each Python that runs this suite is compared with all others."""
    assert sha256(form(SOURCE)) == DIGEST


def test_other_pythons_on_this_machine_agree(tmp_path):
    (tmp_path / "source.py").write_text(SOURCE)
    script = (
        "import ast, runpy, sys\n"
        "form = runpy.run_path(sys.argv[1])['normal_form']\n"
        "sys.stdout.buffer.write(form(ast.parse(open(sys.argv[2]).read())))"
    )
    for python in other_pythons():
        arguments = [python, "-c", script, module.__file__, str(tmp_path / "source.py")]
        done = subprocess.run(arguments, capture_output=True)
        if done.returncode != 127:  # a shim without its Python
            assert done.stdout == form(SOURCE), f"{python}: {done.stderr.decode()}"
