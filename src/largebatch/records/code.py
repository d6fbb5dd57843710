"""One digest of the code that a step's numbers depend on, without comments and layout.

A step starts at an entry module. From there every import inside the package is followed, also
inside functions. The files are read, not imported, so a Snakefile can ask at parse time. Data files
that lie beside a module and are named in a string of it (`"style.mplstyle"`) belong to the module.

Four rules keep a change from making stale what it cannot affect:

- imports under `if TYPE_CHECKING:` are not followed: they never run;
- a package's `__init__` that only re-exports (a face) is looked through: importing a name from it
  means the module that defines this name;
- two rooms are left out (`LEFT_OUT`): `records` keeps and verifies numbers but does not make them,
  and `training.leases` decides which process trains a run, not what the run gets;
- for a run of one kind of model, the models of other kinds are not followed from the place where
  training chooses among them (`model_kinds.CHOOSER`), so what they alone need is left out. They
  are still imported, which changes nothing.

Only static imports are seen, and only what is defined at import. Tests of this repository forbid
other imports, and models that do more than define things when they are imported.
"""

from collections.abc import Iterator
from functools import cache
from pathlib import Path

from largebatch.errors import UserError
from largebatch.records.digest import digest_of, file_digest
from largebatch.records.source import Import, find_module, read_source

PACKAGE = Path(__file__).resolve().parents[1]
LEFT_OUT = ("largebatch.records", "largebatch.training.leases")
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

    `step` is a key of `STEPS`, `package` the folder of the package `largebatch`. With `kind`, a
    kind of model, what only other kinds use is left out; an unknown kind uses everything. Raises
    UserError for an unknown step and for a module that is missing or does not parse.
    """
    if step not in STEPS:
        raise UserError(f"no step is called {step!r}; the steps are {', '.join(STEPS)}.")
    modules: dict[str, str] = {}
    waiting = [(STEPS[step], f"the step {step!r}")]
    while waiting:
        name, wanted_by = waiting.pop()
        if name in modules or is_left_out(name):
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


def check_sources(root: Path) -> None:
    """Refuse to work in a checkout with the code of another, as after a copy with its `.venv`."""
    here = Path(root, "src", PACKAGE.name).resolve()
    if here.is_dir() and here != PACKAGE:
        raise UserError(
            f"{here} is not the code that runs, which is {PACKAGE}; run `make env` here and "
            "activate .venv."
        )


@cache  # an audit asks about each module of each run's record
def is_left_out(module: str) -> bool:
    """Whether no step's numbers depend on this module, see above."""
    return any(_is_inside(module, room) for room in LEFT_OUT)


def _targets(package: Path, found: Import) -> Iterator[str]:
    """The modules whose code runs and matters because of one import."""
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
    """The import by which the face `module` gets `name`; None if it is no face or lacks `name`."""
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
