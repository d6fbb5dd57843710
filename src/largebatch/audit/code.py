"""Is the code that a record names the code of a tree, as far as the artefact depends on it?

A run's record holds all code that trains, that of other kinds of model, too (it was there); the
run depends on what its own kind uses.
"""

from collections.abc import Callable, Iterable

Closure = Callable[[str | None], dict]  # kind of model -> `code_digest` of the step in the tree


def model_kind(step: str, record: dict) -> str | None:
    """The kind of model that a run trained; None for what is no run, or does not say."""
    try:
        kind = record["settings"]["task"]["model"]["kind"] if step == "train" else None
    except (KeyError, TypeError):
        return None
    return kind if isinstance(kind, str) else None


def changed_modules(step: str, record: dict, closure: Closure) -> set[str]:
    """Modules and data files that differ, or are on one side only, and matter to the artefact.

    Empty: its code is that of the tree. Raises what `closure` raises.

    Of a run these are the ones that its kind uses in the tree. That is enough, since a module's
    digest covers its imports: if all that is reached from the entry in the tree was there and the
    same, the same was reached then, and nothing else. (A test forbids what trains to import through
    a package's `__init__` that only re-exports, which no digest covers.) Two things belong to a
    module that does not import them, if they are there: the `__init__` of its package, if there is
    code in it, and a data file. So both count also if the tree's kind does not use them any more.
    """
    then, whole = record["code"]["modules"], closure(None)["modules"]
    if then == whole:
        return set()
    differing = {m for m in then.keys() | whole.keys() if then.get(m) != whole.get(m)}
    kind = model_kind(step, record)
    if kind is None:
        return differing
    used = closure(kind)["modules"]
    gone = then.keys() - whole.keys()
    around = {m for m in differing if _holds(m, used) or (m in gone and _lies_beside(m, used))}
    return (differing & used.keys()) | around


def _holds(package: str, modules: Iterable[str]) -> bool:
    return any(name.startswith(f"{package}.") for name in modules)


def _lies_beside(file: str, modules: Iterable[str]) -> bool:
    """Is it a data file (no module) in the folder of one of the modules?"""
    folder = file.rpartition("/")[0].replace("/", ".")
    return folder != "" and any(folder in (name, name.rpartition(".")[0]) for name in modules)
