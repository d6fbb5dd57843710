"""The files that drawing leaves: their bytes, what they carry, and what is refused.

Made-up runs of one figure of the demo; nothing here depends on how a figure looks.
"""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from PIL import Image
from synthetic_runs import write_runs

from largebatch.analysis.tables import write_figure_table
from largebatch.errors import UserError
from largebatch.figures.draw import draw
from largebatch.records import (
    file_digest,
    find_mark,
    identity_of,
    read_artefact,
    read_sidecar,
    write_table,
)
from largebatch.study import load_study

REPOSITORY = Path(__file__).parents[2]
FIGURE = "fig2"
TABLE = f"results/demo/tables/{FIGURE}.parquet"
PICTURES = ("pdf", "svg", "png")
DRAW = (
    "import sys; from pathlib import Path; from largebatch.study import load_study\n"
    "from largebatch.figures.draw import draw\n"
    f"draw(load_study('demo', Path(sys.argv[1])), '{FIGURE}', Path(sys.argv[2]))\n"
    "assert not {'matplotlib.pyplot', 'pandas', 'torch'} & set(sys.modules)\n"
)


@pytest.fixture(scope="module")
def study():
    return load_study("demo", REPOSITORY)


@pytest.fixture(scope="module")
def drawn(study, tmp_path_factory) -> Path:
    """A checkout with the runs, the table and the pictures of one figure."""
    root = tmp_path_factory.mktemp("drawn")
    write_runs(study, root, [FIGURE])
    write_figure_table(study, FIGURE, root)
    draw(study, FIGURE, root)
    return root


@pytest.fixture
def root(drawn, tmp_path) -> Path:
    """A copy of its own, to be spoilt."""
    return Path(shutil.copytree(drawn, tmp_path / "copy"))


def content(root: Path) -> dict[str, bytes]:
    folder = root / "results/demo/figures"
    return {ending: (folder / f"{FIGURE}.{ending}").read_bytes() for ending in PICTURES}


def rewrite_table(root: Path, change) -> None:
    """change(table, record) -> (table, record): another whole, verified table in its place."""
    artefact = read_artefact(root / TABLE)
    write_table(root / TABLE, *change(artefact.table, artefact.record))


def test_drawn_again_the_bytes_are_the_same(study, root):
    before = content(root)
    draw(study, FIGURE, root)
    assert content(root) == before


def test_another_process_draws_the_same_bytes(root, tmp_path):
    """Even with another time zone, locale, hash seed and date, and the user's own matplotlibrc."""
    before = content(root)
    for ending in PICTURES:
        (root / f"results/demo/figures/{FIGURE}.{ending}").unlink()
    (tmp_path / "matplotlibrc").write_text("font.size: 20\nlines.linewidth: 9\nsvg.hashsalt: x\n")
    own = {"MPLCONFIGDIR": str(tmp_path), "MATPLOTLIBRC": str(tmp_path / "matplotlibrc")}
    surroundings = {"TZ": "Asia/Kathmandu", "PYTHONHASHSEED": "77", "LC_ALL": "C", "LANG": "de_DE"}
    environment = {**os.environ, **own, **surroundings}
    command = [sys.executable, "-c", DRAW, str(REPOSITORY), str(root)]
    subprocess.run(command, env=environment, check=True, timeout=120)
    assert content(root) == before


def test_the_user_s_settings_of_matplotlib_stay(study, root):
    import matplotlib

    with matplotlib.rc_context({"font.size": 21.0}):
        draw(study, FIGURE, root)
        assert matplotlib.rcParams["font.size"] == 21.0


def test_all_pictures_carry_the_identity_that_the_sidecar_names(drawn):
    folder = drawn / "results/demo/figures"
    sidecar = read_sidecar(folder / f"{FIGURE}.json", f"results/demo/figures/{FIGURE}")
    for ending in PICTURES:
        assert find_mark(folder / f"{FIGURE}.{ending}") == sidecar.identity
    assert sidecar.identity == identity_of(sidecar.record)


def test_the_identity_stands_in_the_fields_for_it(drawn):
    bytes_of, marked = content(drawn), r"largebatch:[0-9a-f]{64}"
    with Image.open(drawn / f"results/demo/figures/{FIGURE}.png") as png:
        assert re.fullmatch(marked, png.info["Identifier"])
    svg = bytes_of["svg"].decode()
    assert re.search(rf"<dc:identifier>{marked}</dc:identifier>", svg)
    assert re.search(rb"/Keywords \(" + marked.encode() + rb"\)", bytes_of["pdf"])


def test_pictures_name_no_date_no_version_and_no_machine(drawn):
    for picture in content(drawn).values():
        assert not re.search(rb"CreationDate|/Producer|Matplotlib v|<dc:date>|Software", picture)


def test_the_sidecar_holds_the_table_and_the_bytes(study, drawn):
    folder = drawn / "results/demo/figures"
    sidecar = read_sidecar(folder / f"{FIGURE}.json")
    names = [f"{FIGURE}.{ending}" for ending in PICTURES]
    assert sidecar.outputs == {name: file_digest(folder / name) for name in names}
    assert sidecar.record["inputs"] == [read_artefact(drawn / TABLE).as_input]
    runs = len(study.runs_of(FIGURE))
    assert sidecar.record["facts"]["runs"] == {"present": runs, "planned": runs}


def test_a_print_of_the_png_is_as_wide_as_two_columns_of_text(drawn):
    with Image.open(drawn / f"results/demo/figures/{FIGURE}.png") as png:
        assert png.width / 300 == pytest.approx(6.75, abs=0.01)
        assert png.height / 300 < 5


def test_other_numbers_give_another_identity(study, root):
    before = content(root)
    rewrite_table(root, lambda table, record: (_with_means_halved(table), record))
    draw(study, FIGURE, root)
    after = content(root)
    assert all(after[ending] != before[ending] for ending in PICTURES)


def _with_means_halved(table: pa.Table) -> pa.Table:
    halved = [None if mean is None else mean / 2 for mean in table["mean"].to_pylist()]
    place = table.column_names.index("mean")
    return table.set_column(place, table.field(place), pa.array(halved, pa.float64()))


def test_an_altered_table_is_refused_and_nothing_drawn(study, root):
    before = content(root)
    with pq.ParquetFile(root / TABLE) as file:
        table, footer = file.read(), file.metadata.metadata
    with pq.ParquetWriter(root / TABLE, table.schema.remove_metadata()) as writer:
        writer.write_table(_with_means_halved(table).replace_schema_metadata(None))
        writer.add_key_value_metadata(footer)  # the record and digests of the honest numbers
    with pytest.raises(UserError, match=f"{TABLE}: its numbers are not the ones recorded"):
        draw(study, FIGURE, root)
    assert content(root) == before


def test_the_table_of_another_figure_is_refused(study, root):
    def as_other(table, record):
        return table, {**record, "name": "results/demo/tables/fig1.parquet"}

    rewrite_table(root, as_other)
    with pytest.raises(UserError, match=r"it belongs to results/demo/tables/fig1\.parquet"):
        draw(study, FIGURE, root)


def test_a_table_made_with_other_settings_is_refused(study, root):
    def restyled(table, record):
        figure = {**record["settings"]["figure"], "title": "Another title"}
        return table, {**record, "settings": {**record["settings"], "figure": figure}}

    rewrite_table(root, restyled)
    with pytest.raises(UserError, match=f"{TABLE}: it was made with other settings"):
        draw(study, FIGURE, root)


@pytest.mark.parametrize("runs", [None, 20, {"present": 20}])
def test_a_table_that_does_not_say_how_many_runs_it_holds_is_refused(runs, study, root):
    rewrite_table(root, lambda table, record: (table, {**record, "facts": {"runs": runs}}))
    with pytest.raises(UserError, match=rf"{TABLE}: .* \(facts\.runs\); delete it and run"):
        draw(study, FIGURE, root)


def test_a_missing_table_is_named(study, tmp_path):
    with pytest.raises(UserError, match=f"{TABLE}: it does not exist"):
        draw(study, FIGURE, tmp_path)


def test_an_unfinished_figure_is_drawn_only_on_request_and_says_so(study, root):
    runs = study.runs_of(FIGURE)
    for run in runs[:6]:
        (root / run.path).unlink()
    there = len(runs) - 6
    write_figure_table(study, FIGURE, root, unfinished=True)
    with pytest.raises(UserError, match=f"it holds {there} of {len(runs)} runs"):
        draw(study, FIGURE, root)
    before = content(root)
    draw(study, FIGURE, root, unfinished=True)
    assert content(root)["png"] != before["png"]
    sidecar = read_sidecar(root / f"results/demo/figures/{FIGURE}.json")
    assert sidecar.record["facts"]["runs"] == {"present": there, "planned": len(runs)}
    assert sidecar.identity == identity_of(sidecar.record)


@pytest.mark.parametrize("figure", ["fig1", "fig3", "fig4", "fig5", "fig6", "fig7", "fig8", "fig9"])
def test_every_other_figure_of_the_demo_can_be_drawn_with_nothing_there(study, tmp_path, figure):
    """The emptiest table that there is: an unfinished sweep without a run."""
    write_figure_table(study, figure, tmp_path, unfinished=True)
    drawn = draw(study, figure, tmp_path, unfinished=True)
    assert {ending: path.exists() for ending, path in drawn.items()} == dict.fromkeys(
        [*PICTURES, "json"], True
    )
