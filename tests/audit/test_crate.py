"""The exported crate: valid by the official validator, and its checksums hold."""

import json
import os
from pathlib import Path

import pytest
from official_validator import problems

from largebatch.audit import export_crate, verify_crate
from largebatch.audit.crate.metadata import crate_metadata
from largebatch.errors import UserError
from largebatch.records import file_digest


@pytest.fixture
def crate(checkout):
    (checkout.root / "Snakefile").write_text("rule figures:\n    input: []\n")
    study = checkout.root / checkout.study.file
    study.parent.mkdir(parents=True)
    study.write_text("title: A tiny study\n")
    return export(checkout)


def export(checkout) -> Path:
    return export_crate(checkout.audit(), checkout.root / "results" / "crates" / "fig1")


def test_the_official_validator_looks(crate, tmp_path):
    """Where it finds nothing (`chain/test_crates`), that is no check that cannot fail."""
    metadata = json.loads((crate / "ro-crate-metadata.json").read_text())
    for entity in metadata["@graph"]:
        entity.pop("instrument", None)
    (crate / "ro-crate-metadata.json").write_text(json.dumps(metadata))
    assert problems(crate, tmp_path)


def test_the_crate_holds_what_made_the_figure(crate, checkout):
    assert verify_crate(crate) == []
    graph = json.loads((crate / "ro-crate-metadata.json").read_text())["@graph"]
    entities = {entity["@id"]: entity for entity in graph}
    assert len(entities) == len(graph)
    actions = [e for e in graph if e["@type"] == "CreateAction" and e["@id"].startswith("#make")]
    assert len(actions) == 8 + 3
    assert {a["actionStatus"] for a in actions} == {"http://schema.org/CompletedActionStatus"}
    diverged = [a for a in actions if a.get("additionalProperty") == {"@id": "#diverged"}]
    assert len(diverged) == 2
    for run in checkout.study.runs_of("fig1"):
        assert (crate / run.path).read_bytes() == checkout.path(run.path).read_bytes()
        assert {"@id": f"#effective_lr={run.lr}"} in entities[f"#make/{run.path}"]["object"]


def test_what_git_does_not_track_stays_at_home(crate, checkout):
    """Unless the figure was made with it: its study is not committed here, nor one module."""
    net, extra = "src/largebatch/models/net.py", "src/largebatch/models/extra.py"
    checkout.path(extra).write_text("EXTRA = 1\n")
    checkout.edit(net, "class", "import largebatch.models.extra\nclass")
    checkout.remake(runs=checkout.study.runs)
    private = {"config/notes.txt", "src/largebatch/training/own.py", "workflow/todo.md"}
    for name in private:
        checkout.path(name).parent.mkdir(exist_ok=True)
        checkout.path(name).write_text("1\n")
    assert verify_crate(export(checkout)) == []
    sources = {path.relative_to(crate).as_posix() for path in crate.rglob("*") if path.is_file()}
    assert sources >= {"Snakefile", "config/studies/tiny.yaml", net, extra}
    assert not sources & private
    assert [name for name in sources if name.endswith(".patch")]


def test_every_link_leads_somewhere(crate):
    graph = json.loads((crate / "ro-crate-metadata.json").read_text())["@graph"]
    known = {entity["@id"] for entity in graph} | {"https://w3id.org/ro/crate/1.1"}

    def linked(value):
        if isinstance(value, dict):
            yield from [value["@id"]] if set(value) == {"@id"} else ()
        for item in value if isinstance(value, list) else ():
            yield from linked(item)

    for entity in graph:
        for value in entity.values():
            assert set(linked(value)) <= known


def flip_last_digit(path: Path) -> None:
    content = bytearray(path.read_bytes())
    last = max(i for i, byte in enumerate(content) if chr(byte).isdigit())
    content[last] ^= 1
    path.write_bytes(content)


PNG, METADATA = "results/tiny/figures/fig1.png", "ro-crate-metadata.json"


@pytest.mark.parametrize("name", [METADATA, PNG, "src/largebatch/training/schedule.py"])
def test_a_changed_file_fails_ours(crate, name):
    flip_last_digit(crate / name)
    assert verify_crate(crate) == [f"{crate}/{name} is not the file that was exported."]


def test_metadata_that_state_another_checksum_fail_ours(crate):
    """Metadata and manifest rewritten together, but not the picture."""
    path, manifest = crate / METADATA, crate / "manifest-sha256.txt"
    before = file_digest(path)
    path.write_text(path.read_text().replace(file_digest(crate / PNG), "0" * 64))
    manifest.write_text(manifest.read_text().replace(before, file_digest(path)))
    assert verify_crate(crate) == [f"{crate}/{PNG} is not the file that was exported."]


def test_a_file_taken_out_of_the_manifest_too_fails_ours(crate):
    manifest = crate / "manifest-sha256.txt"
    lines = manifest.read_text().splitlines(keepends=True)
    manifest.write_text("".join(line for line in lines if PNG not in line))
    assert verify_crate(crate) == [f"{crate}/{PNG} is not in the manifest."]
    (crate / PNG).unlink()
    assert verify_crate(crate) == [f"{crate}/{PNG} is missing."]


def test_a_missing_or_additional_file_fails_ours(crate):
    (crate / "Snakefile").unlink()
    (crate / "more.txt").write_text("more")
    assert verify_crate(crate) == [
        f"{crate}/Snakefile is missing.",
        f"{crate}/more.txt is not in the manifest.",
    ]
    (crate / "manifest-sha256.txt").unlink()
    [problem] = verify_crate(crate)
    assert "is not a readable crate (No such file or directory); name one like" in problem


def test_the_name_of_a_figure_is_no_crate(tmp_path):
    [problem] = verify_crate(tmp_path / "fig1")
    assert "there is no such folder; name the folder of a crate" in problem
    assert "Errno" not in problem


def test_a_crate_replaces_the_older_one(crate, checkout):
    (crate / "more.txt").write_text("more")
    assert verify_crate(export(checkout)) == []
    assert [path.name for path in crate.parent.iterdir()] == ["fig1"]


def test_an_export_that_fails_at_its_end_keeps_the_older_crate(crate, checkout, monkeypatch):
    whole = os.replace

    def replace(source, target):
        if Path(target) == crate and "tmp" in Path(source).name:
            raise OSError("injected")
        whole(source, target)

    monkeypatch.setattr(os, "replace", replace)
    with pytest.raises(OSError, match="injected"):
        export(checkout)
    assert verify_crate(crate) == []
    assert [path.name for path in crate.parent.iterdir()] == ["fig1"]


def test_a_refused_export_restores_what_a_kill_has_moved_away(crate, checkout):
    crate.rename(crate.with_name(".fig1.older"))
    checkout.path(checkout.study.runs[0].path).unlink()
    with pytest.raises(UserError, match="so a crate of it would not be true"):
        export(checkout)
    assert verify_crate(crate) == []


def test_what_is_not_verified_is_not_exported(checkout):
    checkout.path(checkout.study.runs[0].path).unlink()
    with pytest.raises(UserError, match=r"fig1 is missing.*largebatch audit fig1"):
        export(checkout)


@pytest.mark.parametrize("name", ["run", "dots"])
def test_a_run_or_a_dataset_has_no_crate(checkout, name):
    name = checkout.study.runs[0].name if name == "run" else name
    with pytest.raises(UserError, match=f"{name}: a run or a dataset has no crate of its own; "):
        export_crate(checkout.audit(name), checkout.path("results/crates/it"))
    assert not checkout.path("results/crates").exists()


def test_a_crate_says_nothing_that_no_record_says(checkout):
    """Neither that a run diverged, nor a commit that a record could not name."""
    (checkout.root / "Snakefile").touch()
    chain = checkout.audit().chain
    for record in chain.all_records:
        record["status"] = "finished"
        record.pop("git", None)
    graph = crate_metadata(chain, {})["@graph"]
    assert "#diverged" not in [entity["@id"] for entity in graph]
    [snakefile] = [entity for entity in graph if entity["@id"] == "Snakefile"]
    assert "version" not in snakefile
