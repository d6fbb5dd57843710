"""Compare the code that a record names with that of a tree, where the artefact depends on it.

A run's record names all code that trains, including that of other kinds of model, which was there
too; the run depends only on what its own kind uses.
"""

from collections.abc import Callable, Iterable

from largebatch.records.code import is_left_out

Closure = Callable[[str | None], dict]  # kind of model -> `code_digest` of the step in the tree


def model_kind(step: str, record: dict) -> str | None:
    """The kind of model that a run trained; None if the record is of no run or does not say."""
    try:
        kind = record["settings"]["task"]["model"]["kind"] if step == "train" else None
    except (KeyError, TypeError):
        return None
    return kind if isinstance(kind, str) else None


def changed_modules(step: str, record: dict, closure: Closure) -> set[str]:
    """Modules and data files that matter to the artefact and differ, or are on one side only.

    Empty if its code is that of the tree. Raises what `closure` raises.

    For a run, those count that its kind uses in the tree. That is enough, since a module's digest
    covers its imports: if everything reached from the entry in the tree was there then, and the
    same, then that and nothing else was reached. (A test forbids code that trains to import through
    a package's `__init__` that only re-exports, which no digest covers.) Two things belong to a
    module that does not import them: its package's `__init__`, if that has code, and a data file.
    Both therefore count even if the kind no longer uses them in the tree. Modules that are left out
    of the digest now do not count, though an older record may name them.
    """
    recorded, whole = record["code"]["modules"], closure(None)["modules"]
    then = {name: digest for name, digest in recorded.items() if not is_left_out(name)}
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
    """Is it a data file, not a module, in the folder of one of the modules?"""
    folder = file.rpartition("/")[0].replace("/", ".")
    return folder != "" and any(folder in (name, name.rpartition(".")[0]) for name in modules)
