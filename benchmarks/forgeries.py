"""Who notices what: the same changes, made to one tiny sweep as kept by four keepers of results.

    uv venv rivals
    uv pip install --python rivals dvc==3.67.1 mlflow-skinny==3.17.2 sqlalchemy alembic
    python benchmarks/forgeries.py --rivals rivals
    python benchmarks/forgeries.py --show benchmarks/measured/forgeries.parquet

Each keeper makes the sweep. Each change is then made to a fresh copy of it, and the keeper is asked
its own question (`Keeper.question`). Nothing outside a temporary folder is touched.
"""

import argparse
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import chain
from pathlib import Path

import pyarrow.parquet as pq
import rows as written
from forging.keeper import Keeper
from forging.ours import Largebatch
from forging.perturbations import PERTURBATIONS, Perturbation
from forging.rivals import Dvc, Mlflow, Snakemake
from forging.verdicts import verdict

from largebatch.records import hardware

MAKE = " && ".join(line.strip() for line in __doc__.splitlines()[2:4])
LONGEST = 1000  # characters kept of what a keeper said


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rivals", type=Path, help="a Python environment with DVC and MLflow")
    parser.add_argument("--show", type=Path, help="print what was measured before")
    options = parser.parse_args()
    if options.show:
        table = pq.read_table(options.show)
        facts = {k.decode(): v.decode() for k, v in table.schema.metadata.items()}
        show(table.to_pylist(), facts)
        return
    began = time.time()
    with tempfile.TemporaryDirectory() as folder:
        keepers = list(present(Path(folder), options.rivals))
        with ThreadPoolExecutor(len(keepers)) as pool, stopped_early(keepers):
            found = list(chain(*pool.map(lambda k: list(measure(k, PERTURBATIONS)), keepers)))
        facts = {
            "date": time.strftime("%Y-%m-%d"),
            "command": " ".join(sys.argv),
            "hardware": f"{hardware()['cpu']}, {hardware()['cores']} cores",
            **{keeper.name: f"{keeper.version()}: {keeper.question}" for keeper in keepers},
        }
    show(found, facts | {"seconds": f"{time.time() - began:.0f}"})
    print(written.save("forgeries", found, facts))


@contextmanager
def stopped_early(keepers: list[Keeper]) -> Iterator[None]:
    """If one keeper fails, or on Ctrl-C, end what the others run, which Ctrl-C does not reach."""
    try:
        yield
    except BaseException:
        for keeper in keepers:
            keeper.stop()
        raise


def present(folder: Path, rivals: Path | None) -> Iterator[Keeper]:
    """Ours and Snakemake; the others if installed, else print how to install them."""
    yield Largebatch(folder / "largebatch/work")
    for keeper in (Dvc, Mlflow):
        if rivals and (rivals / "bin" / keeper.name).exists():
            yield keeper(folder / keeper.name / "work", rivals)
        else:
            print(f"{keeper.name} is skipped: it is not in --rivals {rivals}; make it with {MAKE}")
    yield Snakemake(folder / "snakemake/work")


def measure(keeper: Keeper, perturbations: tuple[Perturbation, ...]) -> Iterator[dict]:
    """One row per change. The copy is where the sweep was made: MLflow notes absolute paths."""
    keeper.build()
    kept = keeper.root.rename(keeper.root.with_name("kept"))
    for done in perturbations:
        for folder in (keeper.root, keeper.later):
            shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(kept, keeper.root, symlinks=True)
        if done.asked_before:
            keeper.ask()
        done.change(keeper)
        answer = keeper.again() if done.again else keeper.ask()
        found = verdict(keeper, done, answer)
        print(f"{keeper.name:<10}  {found:<11}  {done.name}", flush=True)
        yield {
            "change": done.name,
            "keeper": keeper.name,
            "verdict": found,
            "cpu_seconds": answer.seconds if answer else None,
            "words": " | ".join(answer.words)[:LONGEST] if answer else "",
        }


def show(rows: list[dict], facts: dict[str, str]) -> None:
    """Print Markdown: a row per change, a column per keeper; CPU seconds of the first row below."""
    keepers = list(dict.fromkeys(row["keeper"] for row in rows))
    found = {(row["change"], row["keeper"]): row for row in rows}
    print(f"\n| change | {' | '.join(keepers)} |\n|{'---|' * (len(keepers) + 1)}")
    for change in dict.fromkeys(row["change"] for row in rows):
        verdicts = [found[change, keeper]["verdict"] for keeper in keepers]
        print(f"| {change} | {' | '.join(verdicts)} |")
    first = rows[0]["change"]
    seconds = [f"{found[first, keeper]['cpu_seconds']:.1f}" for keeper in keepers]
    print(f"| *CPU seconds, nothing changed* | {' | '.join(seconds)} |\n")
    print("\n".join(f"{key}: {value}" for key, value in facts.items()))


if __name__ == "__main__":
    main()
