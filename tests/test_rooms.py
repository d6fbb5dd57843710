"""Rooms import one way (CONTRIBUTING.md): from their own floor and from those below.

The rooms of the audit do so too. A room is a folder or a file.
"""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

SOURCES = Path(__file__).parents[1] / "src"
HOUSES = {
    "largebatch": (
        ("errors",),
        ("study", "records"),
        ("data", "models", "kernels"),
        ("training",),
        ("analysis",),
        ("figures",),
        ("audit",),
        ("cli",),
        ("__main__",),
    ),
    "largebatch.audit": (
        ("words", "finding"),
        ("subjects",),
        ("checkout",),
        ("evidence",),
        ("chain",),
        ("checks",),
        ("report",),
        ("text", "crate", "audit"),
        ("lock",),
    ),
}
ROOMS = [(house, room) for house, floors in HOUSES.items() for floor in floors for room in floor]


def files_of(house: str) -> Iterator[tuple[str, Path]]:
    """Each file of a house with its room; the house's own face is in no room."""
    folder = SOURCES.joinpath(*house.split("."))
    for file in folder.rglob("*.py"):
        room = file.relative_to(folder).parts[0].removesuffix(".py")
        if room != "__init__":
            yield room, file


def rooms_imported(file: Path, house: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(file.read_text())):
        names = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
        names += [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        inside = (name.removeprefix(f"{house}.") for name in names if name.startswith(f"{house}."))
        yield from (name.split(".")[0] for name in inside)


@pytest.mark.parametrize(("house", "room"), ROOMS)
def test_a_room_imports_from_no_floor_above(house, room):
    floor_of = {room: floor for floor, rooms in enumerate(HOUSES[house]) for room in rooms}
    files = [file for found, file in files_of(house) if found == room]
    assert files
    upward = [
        f"{file.relative_to(SOURCES)} imports {other}"
        for file in files
        for other in rooms_imported(file, house)
        if floor_of[other] > floor_of[room]
    ]
    assert not upward


@pytest.mark.parametrize("house", HOUSES)
def test_every_room_has_a_floor(house):
    assert {room for room, _ in files_of(house)} == {room for own, room in ROOMS if own == house}
