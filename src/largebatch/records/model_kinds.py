"""Which kinds of model use which imports, read from the place where training chooses among them.

That place is the table `MODELS = {"lstm": LSTM, ...}` in the module `CHOOSER`. A name that occurs
nowhere but in this table is used by the kinds it is listed for, and by no other.
"""

import ast
from collections import Counter
from collections.abc import Iterator

CHOOSER = "largebatch.training.build"
TABLE = "MODELS"


def strangers(module: ast.Module) -> dict[str, frozenset[str]]:
    """{name in the table: kinds in the table that never use it}.

    A name that the module also uses elsewhere is left out, since all kinds may use it. A kind that
    is not in the table, or in a form that is not understood, counts as using every name.
    """
    entries = list(_entries(module))
    uses = Counter(node.id for node in ast.walk(module) if isinstance(node, ast.Name))
    listed = Counter(name for _, name in entries)
    kinds = {kind for kind, _ in entries}
    return {
        name: frozenset(kinds - {kind for kind, its in entries if its == name})
        for name in listed
        if uses[name] == listed[name]
    }


def _entries(module: ast.Module) -> Iterator[tuple[str, str]]:
    for statement in module.body:
        match statement:
            case ast.Assign(targets=[ast.Name(id=name)], value=ast.Dict() as table):
                if name == TABLE:
                    yield from _named(table)


def _named(table: ast.Dict) -> Iterator[tuple[str, str]]:
    for kind, model in zip(table.keys, table.values, strict=True):
        match kind, model:
            case ast.Constant(value=str(word)), ast.Name(id=name):
                yield word, name
