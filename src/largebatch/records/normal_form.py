"""Reduce Python source to what it does: comments, docstrings and layout leave no trace.

The normal form is a walk over the syntax tree. Unlike `ast.dump` it leaves out empty fields, so new
(empty) fields of a newer Python do not change it; unlike `ast.unparse` it has no quoting style.
Names stay: renaming a local variable is a change of code. Uses only the standard library.
"""

import ast
from collections.abc import Callable


def normal_form(tree: ast.AST) -> bytes:
    """Bytes that are equal for sources that differ only in comments, docstrings and layout."""
    tokens: list[str] = []
    _say(tree, tokens.append)
    return "\n".join(tokens).encode("utf-8", "surrogatepass")


def _say(node: object, say: Callable[[str], None]) -> None:
    """Pass every token to `say`, in order; yielding it would pass it up through every level."""
    if isinstance(node, ast.JoinedStr):
        node = ast.JoinedStr([v for v in node.values if not _is_empty_text(v)])
    if isinstance(node, ast.AST):
        say(f"({type(node).__name__}")
        for name, value in ast.iter_fields(node):
            if name != "kind" and value is not None and value != []:  # `kind`: u'' or ''
                say(name)
                _say(value, say)
        say(")")
    elif isinstance(node, list):
        say("[")
        for item in node:
            if not _does_nothing(item):
                _say(item, say)
        say("]")
    else:
        say(repr(node))


def _does_nothing(item: object) -> bool:
    """Is it a docstring, or another string that is a statement of its own?"""
    return (
        isinstance(item, ast.Expr)
        and isinstance(item.value, ast.Constant)
        and isinstance(item.value.value, str)
    )


def _is_empty_text(piece: ast.expr) -> bool:
    """Is it an empty piece of an f-string? Python 3.12 has some where 3.11 and 3.13 have none."""
    return isinstance(piece, ast.Constant) and piece.value == ""
