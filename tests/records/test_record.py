"""The record of an artefact, and the patch it may name."""

import pytest
from small_repository import make_repository

from largebatch.records import record as room
from largebatch.records.digest import canonical_json, sha256
from largebatch.records.identity import identity, identity_of
from largebatch.records.patches import store_patch
from largebatch.records.record import make_record

CODE = {"digest": "d" * 64, "modules": {"largebatch.training.worker": "e" * 64}}


@pytest.fixture(autouse=True)
def a_known_closure(monkeypatch):
    room.snapshot.cache_clear()
    monkeypatch.setattr(room, "code_digest", lambda step: CODE)
    yield
    room.snapshot.cache_clear()


def a_record(root, **changes):
    arguments = {
        "inputs": [], "step": "train", "settings": {"lr": 0.5}, "started": 0.0, "finished": 1.5,
        "status": "finished", "root": root,
    }  # fmt: skip
    return make_record("run", "results/s/runs/a.parquet", **(arguments | changes))


def test_a_record_says_what_made_it(tmp_path):
    record = a_record(tmp_path, pack=["a", "b"], resumed_from=None)
    assert record["code"] == {"step": "train", **CODE}
    assert record["started"] == "1970-01-01T00:00:00.000+00:00"
    assert record["finished"] == "1970-01-01T00:00:01.500+00:00"
    assert record["facts"] == {"pack": ["a", "b"]}
    assert record["packages"]["numpy"] and record["hardware"]["cores"]
    assert "git" not in record and "lock" not in record and "slurm" not in record
    assert "null" not in canonical_json(record)


def test_a_dirty_tree_keeps_its_patch(tmp_path):
    make_repository(tmp_path)
    (tmp_path / "src" / "schedule.py").write_text("X = 2\n")
    record = a_record(tmp_path)
    kept = tmp_path / "results" / "patches" / f"{record['git']['patch']}.patch"
    assert record["git"]["dirty"] and "+X = 2" in kept.read_text()
    assert sha256(kept.read_bytes()) == record["git"]["patch"]


def test_what_is_edited_during_a_run_is_not_what_it_ran(tmp_path, monkeypatch):
    room.snapshot("train", tmp_path)
    monkeypatch.setattr(room, "code_digest", lambda step: {"digest": "edited", "modules": {}})
    assert a_record(tmp_path)["code"]["digest"] == CODE["digest"]


def test_records_do_not_share_their_parts(tmp_path):
    a_record(tmp_path)["packages"]["numpy"] = "0"
    assert a_record(tmp_path)["packages"]["numpy"] != "0"


def test_nonsense_is_refused(tmp_path):
    with pytest.raises(ValueError, match="status 'ok'"):
        a_record(tmp_path, status="ok")
    with pytest.raises(ValueError, match="kind 'runs'"):
        make_record("runs", "a", inputs=[], step="train", settings={}, started=0.0, root=tmp_path)
    with pytest.raises(ValueError):
        a_record(tmp_path, settings={"lr": float("nan")})


def test_a_patch_is_kept_once(tmp_path):
    first = store_patch(tmp_path, b"+X\n")
    written = (tmp_path / "results" / "patches" / f"{first}.patch").stat().st_mtime_ns
    assert store_patch(tmp_path, b"+X\n") == first
    assert (tmp_path / "results" / "patches" / f"{first}.patch").stat().st_mtime_ns == written


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        (["/bin/largebatch", "train", "a b"], "largebatch train 'a b'"),
        (["/src/largebatch/__main__.py", "claims"], "largebatch claims"),
    ],
)
def test_the_command_is_said_without_where_its_program_lies(tmp_path, monkeypatch, argv, said):
    monkeypatch.setattr("sys.argv", argv)
    assert a_record(tmp_path)["command"] == said


def test_a_record_s_identity_counts_all_its_tables_and_how_many_runs_are_there():
    record = {
        "name": "results/s/figures/fig1", "settings": {"title": "WRN"}, "code": CODE,
        "facts": {}, "inputs": [{"table": "t" * 64}],
    }  # fmt: skip
    assert identity_of(record) == identity("s/fig1", "t" * 64, CODE["digest"], {"title": "WRN"})
    runs = {"present": 1, "planned": 2}
    changes = {"facts": {"runs": runs}, "inputs": [{"table": "t" * 64}, {"table": "u" * 64}]}
    others = [record | {key: value} for key, value in changes.items()]
    assert len({identity_of(each) for each in [record, *others]}) == 3


def test_the_identity_of_a_figure_depends_on_each_of_its_parts():
    parts = ("fig1", "t" * 64, "c" * 64, {"title": "WRN"})
    others = [("fig2", *parts[1:]), (parts[0], "u" * 64, *parts[2:]),
              (*parts[:2], "d" * 64, parts[3]), (*parts[:3], {"title": "AE"})]  # fmt: skip
    assert len({identity(*p) for p in [parts, *others]}) == 5
