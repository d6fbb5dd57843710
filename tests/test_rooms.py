"""Rooms import one way (CONTRIBUTING.md): from their own floor and from those below."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "src/largebatch"
FLOORS = (
    ("errors",),
    ("study", "records"),
    ("data", "models", "kernels"),
    ("training",),
    ("analysis",),
    ("figures",),
    ("audit",),
    ("cli",),
    ("__main__",),
)
FLOOR_OF = {room: floor for floor, rooms in enumerate(FLOORS) for room in rooms}


def room_of(file: Path) -> str:
    return file.relative_to(PACKAGE).parts[0].removesuffix(".py")


def rooms_imported(file: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(file.read_text())):
        names = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
        names += [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        yield from (name.split(".")[1] for name in names if name.startswith("largebatch."))


@pytest.mark.parametrize("room", FLOOR_OF)
def test_a_room_imports_from_no_floor_above(room):
    files = [file for file in PACKAGE.rglob("*.py") if room_of(file) == room]
    assert files
    upward = [
        f"{file.relative_to(PACKAGE)} imports {other}"
        for file in files
        for other in rooms_imported(file)
        if FLOOR_OF[other] > FLOOR_OF[room]
    ]
    assert not upward


def test_every_room_has_a_floor():
    assert {room_of(file) for file in PACKAGE.rglob("*.py")} - {"__init__"} == FLOOR_OF.keys()
