"""Which files of a checkout belong in a crate."""

import os
from collections.abc import Iterator
from pathlib import Path

from largebatch.audit.chain.chain import Chain
from largebatch.audit.checkout.commits import SOURCE
from largebatch.audit.crate.words import shown_files
from largebatch.records import patch_name, tracked_files
from largebatch.records.source import find_module
from largebatch.study.extends import read_layers

DOCUMENTS = ("Snakefile", "envs/pipeline.lock", "config", "workflow", SOURCE)


def crate_files(chain: Chain) -> Iterator[tuple[str, Path]]:
    """Yield each path in the crate with the file to copy there; some more than once."""
    made = [*chain.runs, *chain.tables, f"{chain.subject.stem}.json", *shown_files(chain)]
    there = (name for name in (*_sources(chain), *_patches(chain)) if _is_file(chain, name))
    for name in (*there, *made):
        yield name, chain.root / name


def _sources(chain: Chain) -> Iterator[str]:
    """What git tracks of `DOCUMENTS`, and whatever else the subject was made with.

    A checkout may hold more, such as notes, which are nobody else's business. Without git that
    cannot be told, so all files count.
    """
    tracked = tracked_files(chain.root, DOCUMENTS)
    if tracked:
        yield from (*tracked, *DOCUMENTS, *_settings(chain), *_code(chain))
        return
    for top in DOCUMENTS:
        for path in (chain.root / top, *walk(chain.root / top)):
            if "__pycache__" not in path.parts:
                yield path.relative_to(chain.root).as_posix()


def _settings(chain: Chain) -> Iterator[str]:
    """The study's file and those that it extends."""
    return (file.as_posix() for file, _ in read_layers(chain.study.file, chain.root).files)


def _code(chain: Chain) -> Iterator[str]:
    """The modules and data files that the steps of the chain use."""
    package = chain.root / SOURCE
    names = {name for step in chain.records for name in chain.present.code(step)["modules"]}
    for name in names:
        path = find_module(package, name) or package.parent / name
        yield path.relative_to(chain.root).as_posix()


def _patches(chain: Chain) -> Iterator[str]:
    return (patch_name(r["git"]["patch"]) for r in chain.all_records if "patch" in r.get("git", {}))


def _is_file(chain: Chain, name: str) -> bool:
    return os.path.isfile(chain.root / name)


def walk(folder: Path) -> Iterator[Path]:
    """All files below a folder, in order."""
    return (path for path in sorted(folder.rglob("*")) if path.is_file())
