"""Which code a step's numbers depend on, as one digest: comments and layout left out.

A step starts at an entry module; from there every import inside the package is followed, also
inside functions, by reading the files: nothing is imported, so a Snakefile can ask at parse time.
Data files that a module names in a string (`"style.mplstyle"`) and that lie beside it belong to it.

Four rules keep a change from making stale what it cannot change:

- imports under `if TYPE_CHECKING:` are not followed: they never run;
- a package's `__init__` that only re-exports (a face) is looked through: importing a name from it
  means the module that defines this name;
- the records room is left out: it keeps and verifies numbers, it does not make them;
- for a run of one kind of model, the models of other kinds are not followed from where training
  chooses among them (`model_kinds.CHOOSER`), and so what they alone need is left out. They are
  imported all the same, and change nothing by that.

Only static imports are seen, and only what is defined at import; tests of this repository forbid
other imports, and models that do more than define when they are imported.
"""

from collections.abc import Iterator
from pathlib import Path

from largebatch.errors import UserError
from largebatch.records.digest import digest_of, file_digest
from largebatch.records.source import Import, find_module, read_source

PACKAGE = Path(__file__).resolve().parents[1]
LEFT_OUT = "largebatch.records"
STEPS = {
    "data": "largebatch.data.prepare",
    "train": "largebatch.training.worker",
    "table": "largebatch.analysis.tables",
    "figure": "largebatch.figures.draw",
    "report": "largebatch.figures.report",
    "claims": "largebatch.analysis.claims.write",
    "twins": "largebatch.figures.plates.twins",
    "theory": "largebatch.figures.plates.theory",
    "measure": "largebatch.analysis.measure.figure_rows",
    "measured": "largebatch.figures.plates.measured",
    "maps": "largebatch.figures.plates.maps",
}


def code_digest(step: str, package: Path = PACKAGE, kind: str | None = None) -> dict:
    """{"digest": of all, "modules": {module or data file: its own digest}} of a step's code.

    `step` is a key of `STEPS`; `package` the folder of the package `largebatch`. With the `kind`
    of a model, without what only other kinds use; a kind that is not known uses everything. Raises
    UserError for an unknown step, and for a module that is not there or does not parse.
    """
    if step not in STEPS:
        raise UserError(f"no step is called {step!r}; the steps are {', '.join(STEPS)}.")
    modules: dict[str, str] = {}
    waiting = [(STEPS[step], f"the step {step!r}")]
    while waiting:
        name, wanted_by = waiting.pop()
        if name in modules or _is_inside(name, LEFT_OUT):
            continue
        path = find_module(package, name)
        if path is None:
            raise UserError(f"{wanted_by} needs the module {name}, which is not in {package}.")
        source = read_source(path, name)
        modules[name] = source.digest
        for file in source.data_files:
            modules[file.relative_to(package.parent).as_posix()] = file_digest(file)
        used = (found for found in source.imports if kind not in found.strangers)
        waiting += [(target, name) for found in used for target in _targets(package, found)]
    return {"digest": digest_of(modules), "modules": dict(sorted(modules.items()))}


def _targets(package: Path, found: Import) -> Iterator[str]:
    """The modules whose code runs, and matters, because of one import."""
    if not _is_inside(found.module, package.name):
        return
    module = found.module
    if found.name and find_module(package, f"{module}.{found.name}"):
        module = f"{module}.{found.name}"
    elif found.name and (origin := _behind_face(package, module, found.name)):
        yield from _targets(package, origin)
        return
    yield module
    yield from _parents_with_code(package, module)


def _behind_face(package: Path, module: str, name: str) -> Import | None:
    """Where the face `module` has `name` from; None if `module` is no face or has it not."""
    path = find_module(package, module)
    if path is None or path.name != "__init__.py":
        return None
    source = read_source(path, module)
    return next((i for i in source.imports if source.is_face and i.bound == name), None)


def _parents_with_code(package: Path, module: str) -> Iterator[str]:
    while module := module.rpartition(".")[0]:
        path = find_module(package, module)
        if path is not None and not read_source(path, module).is_face:
            yield module


def _is_inside(name: str, package: str) -> bool:
    return name == package or name.startswith(f"{package}.")
