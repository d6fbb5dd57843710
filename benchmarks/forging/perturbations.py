"""What may happen to a sweep between the day it is made and the day somebody asks about it."""

import shutil
from collections.abc import Callable
from dataclasses import dataclass

from parts.edit import replace

from forging.files import retouch, swap, truncate, unseen
from forging.keeper import Keeper

NOTHING = ()


@dataclass(frozen=True)
class Perturbation:
    """One change, made to a fresh copy.

    named: roles of files and sources, or words, of which an answer must name one; none if nothing
    is wrong and nothing should be said. others_stand: the first sweep's runs are as good as before,
    so naming one is a false alarm. asked_before: the keeper was asked just before the change, and
    may remember files by time and size. again: the keeper is asked by making all runs again.
    """

    name: str
    change: Callable[[Keeper], object]
    named: tuple[str, ...] = NOTHING
    others_stand: bool = False
    asked_before: bool = False
    again: bool = False


def on(role: str, change: Callable) -> Callable[[Keeper], object]:
    return lambda keeper: change(keeper.at(role))


def source(role: str) -> Callable[[Keeper], object]:
    def edit(keeper: Keeper) -> None:
        place = keeper.sources[role]
        replace(keeper.root / place.file, place.old, place.new)

    return edit


def comment(keeper: Keeper) -> None:
    with (keeper.root / keeper.sources["training"].file).open("a") as file:
        file.write("# a comment\n")


def touch_all(keeper: Keeper) -> None:
    for role in ("run", "data", "table"):
        keeper.at(role).touch()
    for place in keeper.sources.values():
        (keeper.root / place.file).touch()


def epochs(settings: dict) -> None:
    settings["epochs_of"]["second"]["epochs"] += 1


def title(settings: dict) -> None:
    settings["figures"]["fig2"]["title"] = "Another title"


def seed(settings: dict) -> None:
    settings["seeds"].append(2)


def upgraded(keeper: Keeper) -> None:
    """From here on, NumPy says that it is version 99."""
    facts = keeper.later / "numpy-99.0.dist-info/METADATA"
    facts.parent.mkdir(parents=True)
    facts.write_text("Metadata-Version: 2.1\nName: numpy\nVersion: 99.0\n")


def one_run_upgraded(keeper: Keeper) -> None:
    upgraded(keeper)
    keeper.train_again()
    shutil.rmtree(keeper.later)
    keeper.note()


def other_lock(keeper: Keeper) -> None:
    lock = keeper.at("lock")
    lines = lock.read_text().splitlines(keepends=True)
    at = next(number for number, line in enumerate(lines) if line.startswith("numpy=="))
    lines[at] = "numpy==99.0" + lines[at].removeprefix("numpy==").lstrip("0123456789.")
    lock.write_text("".join(lines))


def uncommitted(keeper: Keeper) -> None:
    source("training")(keeper)
    keeper.make()
    keeper.note()


def hidden(keeper: Keeper) -> None:
    keeper.call("git", "update-index", "--assume-unchanged", keeper.sources["training"].file)
    uncommitted(keeper)


def put_back(keeper: Keeper) -> None:
    uncommitted(keeper)
    keeper.call("git", "checkout", "--quiet", keeper.sources["training"].file)


def data_in_both(keeper: Keeper) -> None:
    """Change the dataset and, where there is one, the keeper's own copy of it."""
    original = keeper.at("data").read_bytes()
    for path in sorted(keeper.root.rglob("*")):
        if path.is_file() and path.read_bytes() == original:
            mode = path.stat().st_mode
            path.chmod(0o644)
            unseen(path, keeper.change_byte)
            path.chmod(mode)  # DVC trusts copies that are read-only


def sealed_picture(keeper: Keeper) -> None:
    retouch(keeper.at("picture"))
    keeper.seal(keeper.at("picture"))


def forged(keeper: Keeper) -> None:
    keeper.forge(keeper.at("run"))
    keeper.redraw()


def forged_and_noted(keeper: Keeper) -> None:
    forged(keeper)
    keeper.note()


def forged_seed(keeper: Keeper) -> None:
    keeper.forge(keeper.at("run"), keeper.at("seed"))
    keeper.redraw()
    keeper.note()


def forged_data(keeper: Keeper) -> None:
    keeper.forge_data()
    keeper.make()
    keeper.note()


RUN = ("run",)
PERTURBATIONS = (
    Perturbation("nothing", lambda keeper: None),
    Perturbation("a number of a run edited", lambda k: k.change_number(k.at("run")), RUN),
    Perturbation(
        "the same, size and time kept",
        lambda k: unseen(k.at("run"), k.change_byte),
        RUN,
        asked_before=True,
    ),
    Perturbation("two runs swapped", lambda k: swap(k.at("run"), k.at("other")), ("run", "other")),
    Perturbation(
        "a run of another seed in its place",
        lambda k: shutil.copyfile(k.at("seed"), k.at("run")),
        RUN,
    ),
    Perturbation("a run truncated", on("run", truncate), RUN),
    Perturbation("a run deleted", lambda k: k.at("run").unlink(), RUN),
    Perturbation("table edited", lambda k: k.change_number(k.at("table")), ("table",)),
    Perturbation("picture retouched", on("picture", retouch), ("picture",)),
    Perturbation(
        "another figure's picture in its place",
        lambda k: shutil.copyfile(k.at("picture2"), k.at("picture")),
        ("picture",),
    ),
    Perturbation("dataset: a byte", lambda k: k.change_byte(k.at("data")), ("data",)),
    Perturbation(
        "the same, keeper's copy too, size and time kept",
        data_in_both,
        ("data",),
        asked_before=True,
    ),
    Perturbation("times touched, no byte", touch_all),
    Perturbation("comment in training code", comment),
    Perturbation("constant in training code", source("training"), ("training",)),
    Perturbation("constant two imports away", source("imported"), ("imported",)),
    Perturbation("the same, in a module not listed by hand", source("forgotten"), ("forgotten",)),
    Perturbation("colour or font of plots", source("style"), ("style",), others_stand=True),
    Perturbation(
        "epochs of the second sweep",
        lambda k: k.edit_settings(epochs),
        ("epochs", "settings"),
        others_stand=True,
    ),
    Perturbation(
        "title of the second figure",
        lambda k: k.edit_settings(title),
        ("title", "settings"),
        others_stand=True,
    ),
    Perturbation(
        "a seed more, nothing made again",
        lambda k: k.edit_settings(seed),
        ("seed2", "2.json", "first-sgd-0.1-2", "seeds", "not in the table", "settings"),
    ),
    Perturbation("lock file of packages", other_lock, ("lock",)),
    Perturbation("a package upgraded, all left as it was", upgraded, ("numpy",)),
    Perturbation("one run made with the upgraded package", one_run_upgraded, ("numpy",)),
    Perturbation(
        "training code changed and all made again, in no commit",
        uncommitted,
        ("training", "dirty tree", "git status"),
    ),
    Perturbation("the same, git told not to look", hidden, ("training",)),
    Perturbation("the same, then the old code put back", put_back, ("training",)),
    Perturbation("picture retouched, keeper's digest too", sealed_picture, ("picture",)),
    Perturbation("run forged, digests too, all redrawn", forged, RUN),
    Perturbation("the same, and committed", forged_and_noted, RUN),
    Perturbation("the same, asked to make runs again", forged_and_noted, RUN, again=True),
    Perturbation("another seed's run forged as this one, committed", forged_seed, RUN),
    Perturbation("dataset forged before all was made", forged_data, ("data",)),
)
