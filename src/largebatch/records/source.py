"""Read a module of the package as text: its digest, its imports and the files it names."""

import ast
import os
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import TypeGuard

from largebatch.errors import UserError
from largebatch.records.digest import sha256
from largebatch.records.model_kinds import CHOOSER, strangers
from largebatch.records.normal_form import normal_form


@dataclass(frozen=True)
class Import:
    """`from module import name as bound`, or `import module` (name None).

    strangers: the kinds of model that never use what is imported.
    """

    module: str
    name: str | None
    bound: str
    strangers: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Source:
    """What can be learnt about a module without running it."""

    digest: str
    imports: tuple[Import, ...]
    is_face: bool  # only docstring, imports and `__all__`: re-exports, or empty
    data_files: tuple[Path, ...] = ()  # files beside the module that are named in its strings


def find_module(package: Path, name: str) -> Path | None:
    """The file of module `name` ("largebatch.x.y"), or None; `package` is largebatch's folder."""
    stem = f"{package.parent}/{name.replace('.', '/')}"
    found = next(filter(os.path.isfile, (f"{stem}/__init__.py", f"{stem}.py")), None)
    return Path(found) if found else None


def read_source(path: Path, name: str) -> Source:
    """Read the module `name` from `path`; cached until the file changes."""
    status = path.stat()
    return _read(path, name, status.st_mtime_ns, status.st_size)


@cache
def _read(path: Path, name: str, mtime: int, size: int) -> Source:
    package = name if path.name == "__init__.py" else name.rpartition(".")[0]
    try:
        found, strings = _parsed(path.read_bytes(), name, package)
    except (SyntaxError, ValueError) as error:
        line = getattr(error, "lineno", None)
        raise UserError(
            f"{path}, line {line}: this is not valid Python ({error}); correct it."
        ) from error
    return replace(found, data_files=_named_files(strings, path.parent))


@cache
def _parsed(content: bytes, name: str, package: str) -> tuple[Source, frozenset[str]]:
    """The source without its files, and its strings.

    Cached by content: an audit reads two trees, of which most modules are the same.
    """
    tree = ast.parse(content)
    nodes = list(ast.walk(tree))
    idle = {id(below) for node in nodes if _is_for_types(node) for below in _inside(node)}
    imports = [i for node in nodes if id(node) not in idle for i in _imports(node, package)]
    unused = strangers(tree) if name == CHOOSER else {}
    source = Source(
        digest=sha256(normal_form(tree)),
        imports=tuple(replace(i, strangers=unused.get(i.bound, frozenset())) for i in imports),
        is_face=all(_is_face_statement(statement) for statement in tree.body),
    )
    constants = (node.value for node in nodes if isinstance(node, ast.Constant))
    return source, frozenset(value for value in constants if isinstance(value, str))


def _imports(node: ast.AST, package: str) -> Iterator[Import]:
    if isinstance(node, ast.Import):
        for alias in node.names:
            yield Import(alias.name, None, alias.asname or alias.name)
    elif isinstance(node, ast.ImportFrom):
        parts = package.split(".")[: len(package.split(".")) - max(node.level - 1, 0)]
        base = ".".join([*(parts if node.level else []), *filter(None, [node.module])])
        for alias in node.names:
            yield Import(base, alias.name, alias.asname or alias.name)


def _is_for_types(node: ast.AST) -> TypeGuard[ast.If]:
    """Is it `if TYPE_CHECKING:`, whose body only type checkers read?"""
    return isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"


def _inside(node: ast.If) -> Iterator[ast.AST]:
    """All nodes in the body, without those in the `else`."""
    return (below for statement in node.body for below in ast.walk(statement))


def _is_face_statement(statement: ast.stmt) -> bool:
    if isinstance(statement, ast.Assign):
        return [ast.unparse(target) for target in statement.targets] == ["__all__"]
    if isinstance(statement, ast.Expr):
        return isinstance(statement.value, ast.Constant)
    return isinstance(statement, ast.Import | ast.ImportFrom)


def _named_files(strings: frozenset[str], folder: Path) -> tuple[Path, ...]:
    files = (folder / name for name in sorted(strings.intersection(os.listdir(folder))))
    return tuple(file for file in files if file.suffix != ".py" and file.is_file())
