"""What the digest assumes about the sources that train, so that no change goes unnoticed."""

import ast
from collections.abc import Iterator

import pytest

from largebatch.records.code import PACKAGE, code_digest, is_left_out
from largebatch.records.model_kinds import CHOOSER
from largebatch.records.source import find_module, read_source
from largebatch.training.build import MODELS

TRAINS = code_digest("train")["modules"]
BY_KIND = [code_digest("train", kind=kind)["modules"] for kind in MODELS]
OF_SOME_KINDS = [module for module in TRAINS if not all(module in kind for kind in BY_KIND)]
HARMLESS = {  # to call, or to decorate with
    "Activation", "Tile", "cached_property", "classmethod", "dataclass", "property",
    "staticmethod", "tl.constexpr", "torch.enable_grad", "torch.no_grad", "triton.jit",
}  # fmt: skip


def tree(module: str) -> ast.Module:
    return ast.parse(find_module(PACKAGE, module).read_text())


def does_at_import(statement: ast.stmt) -> Iterator[ast.AST]:
    """What of a statement runs at import, other than definitions; not what is inside functions."""
    match statement:
        case ast.Import() | ast.ImportFrom() | ast.Expr(value=ast.Constant()):
            return
        case ast.If(test=ast.Name(id="TYPE_CHECKING")):
            return
        case ast.Assign(targets=[target]) if all(map(is_name, getattr(target, "elts", [target]))):
            pass
        case ast.FunctionDef() | ast.ClassDef() | ast.AnnAssign(target=ast.Name()):
            pass
        case _:
            yield statement
    body = getattr(statement, "body", [])
    parts = [part for part in ast.iter_child_nodes(statement) if part not in body]
    calls = [n.func for part in parts for n in ast.walk(part) if isinstance(n, ast.Call)]
    called = [*calls, *getattr(statement, "decorator_list", [])]
    yield from (each for each in called if not is_harmless(each))
    if isinstance(statement, ast.ClassDef):
        yield from (found for below in body for found in does_at_import(below))


def is_name(node: ast.AST) -> bool:
    return isinstance(node, ast.Name)


def is_harmless(called: ast.expr) -> bool:
    return ast.unparse(getattr(called, "func", called)) in HARMLESS


@pytest.mark.parametrize("module", OF_SOME_KINDS)
def test_what_some_kinds_use_only_defines_when_it_is_imported(module):
    """Such a module is imported for the other kinds as well, and must change nothing for them."""
    found = [node for statement in tree(module).body for node in does_at_import(statement)]
    assert not found, f"{module}, line {found[0].lineno}: {ast.unparse(found[0])}"


@pytest.mark.parametrize(
    "line",
    [
        "torch.set_default_dtype(torch.float64)",
        "X = torch.manual_seed(7)",
        "ACTIVATIONS['relu'] = None",
        "Activation.kink = 1",
        "a, torch.default = 1, 2",
        "for name in ACTIVATIONS: del ACTIVATIONS[name]",
        "if torch.cuda.is_available(): import cupy",
        "@register\ndef f(): ...",
        "@register(f=1)\nclass Net: ...",
        "def f(x=torch.manual_seed(7)): ...",
        "class Net:\n    torch.manual_seed(7)",
    ],
)
def test_more_than_a_definition_is_seen(line):
    assert [found for statement in ast.parse(line).body for found in does_at_import(statement)]


def test_a_model_is_chosen_once_and_by_its_kind():
    """Code that all kinds share reaches no model through the table and names none elsewhere."""
    nodes = list(ast.walk(tree(CHOOSER)))
    assert sum(isinstance(node, ast.Name) and node.id == "MODELS" for node in nodes) == 2
    chosen = [ast.unparse(node) for node in nodes if isinstance(node, ast.Subscript)]
    assert chosen.count("MODELS[settings['kind']]") == 1
    for module in TRAINS:
        text = ast.unparse(tree(module))
        for line in (line for line in text.splitlines() if CHOOSER in line):
            names = line.partition(" import ")[2].split(", ")
            assert set(names) <= {"build_model", "build_feed"}, f"{module}: {line}"


def test_names_are_imported_from_modules_not_through_faces():
    """No digest covers what a package's `__init__` means by a name, so it could be exchanged."""
    for module in TRAINS:
        for node in ast.walk(tree(module)):
            if isinstance(node, ast.ImportFrom) and is_package(node.module):
                names = [f"{node.module}.{alias.name}" for alias in node.names]
                assert all(find_module(PACKAGE, name) for name in names), f"{module}: {names}"


def is_package(name: str) -> bool:
    """Is it a package of ours? The records are left out, since they are not code of a step."""
    ours = name.startswith("largebatch.") and name != "largebatch.records"
    return ours and find_module(PACKAGE, name).name == "__init__.py"


def packages_above(modules) -> set[str]:
    found = {name.rpartition(".")[0] for name in modules if "/" not in name}
    return found | packages_above(found) if found - {""} else set()


def test_packages_run_nothing_of_others_before_their_modules():
    """Python runs a package's `__init__` first; if that only imports, no digest covers it."""
    for package in sorted(packages_above(TRAINS) - {""}):
        imported = read_source(find_module(PACKAGE, package), package).imports
        own = package == "largebatch.study" and all(i.module.startswith(package) for i in imported)
        assert own or not imported, f"{package} imports {imported[0].module}"


def test_leases_hide_nothing_that_trains():
    """Their imports are not followed, so what they use must be reached without them."""
    lease = PACKAGE / "training/leases"
    trees = [ast.parse(path.read_text()) for path in lease.glob("*.py")]
    imports = [n for t in trees for n in ast.walk(t) if isinstance(n, ast.Import | ast.ImportFrom)]
    names = {getattr(n, "module", None) or alias.name for n in imports for alias in n.names}
    used = {name for name in names if name.startswith("largebatch.") and not is_left_out(name)}
    assert used and used <= TRAINS.keys()
