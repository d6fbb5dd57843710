"""Python source reduced to what it does: comments, docstrings and layout leave no trace.

The form is a walk over the syntax tree. Unlike `ast.dump` it leaves out empty fields, so a newer
Python's new (empty) fields do not change it; unlike `ast.unparse` it has no quoting style. Names
stay: renaming a local variable is a change of code. Standard library only.
"""

import ast
from collections.abc import Iterator


def normal_form(tree: ast.AST) -> bytes:
    """Equal bytes for sources that differ in comments, docstrings and layout only."""
    return "\n".join(_tokens(tree)).encode("utf-8", "surrogatepass")


def _tokens(node: object) -> Iterator[str]:
    if isinstance(node, ast.JoinedStr):
        node = ast.JoinedStr([v for v in node.values if not _is_empty_text(v)])
    if isinstance(node, ast.AST):
        yield f"({type(node).__name__}"
        for name, value in ast.iter_fields(node):
            if name != "kind" and value is not None and value != []:  # `kind`: u'' or ''
                yield name
                yield from _tokens(value)
        yield ")"
    elif isinstance(node, list):
        yield "["
        for item in node:
            if not _does_nothing(item):
                yield from _tokens(item)
        yield "]"
    else:
        yield repr(node)


def _does_nothing(item: object) -> bool:
    """A docstring, or a string standing alone elsewhere."""
    return (
        isinstance(item, ast.Expr)
        and isinstance(item.value, ast.Constant)
        and isinstance(item.value.value, str)
    )


def _is_empty_text(piece: ast.expr) -> bool:
    """An empty piece of an f-string: Python 3.12 parses some where 3.11 and 3.13 have none."""
    return isinstance(piece, ast.Constant) and piece.value == ""
