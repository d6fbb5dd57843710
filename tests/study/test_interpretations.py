"""docs/interpretations.md names every alternative that the schema knows, and the value taken."""

import re
from pathlib import Path

import pytest
import yaml

from largebatch.study import load_study
from largebatch.study.yaml_files import read_yaml

REPOSITORY = Path(__file__).parents[2]
DOC = (REPOSITORY / "docs/interpretations.md").read_text(encoding="utf-8")
SCHEMA = read_yaml(Path("workflow/schemas/study.schema.yaml"), REPOSITORY)["$defs"]
PAPER = load_study("paper", REPOSITORY)
MODELS = {"wrn": "wrn-16-4_cifar10", "autoencoder": "autoencoder_mnist", "lstm": "lstm_ptb"}


def sections() -> dict[str, str]:
    """Text of each second-level section by the task in its heading, or by the heading."""
    found = {}
    for section in DOC.split("\n## ")[1:]:
        heading, _, text = section.partition("\n")
        task = re.search(r"`(.+)`", heading)
        found[task.group(1) if task else heading] = text
    return found


def rows(section: str) -> dict[str, list[str]]:
    """The other cells of each table row whose first cell is a key in backticks."""
    lines = re.findall(r"^\| `([a-z_0-9.]+)` \|(.*)\|$", sections()[section], re.M)
    return {key: cells.split(" | ") for key, cells in lines}


def quoted(*cells: str) -> list[str]:
    return [word for cell in cells for word in re.findall(r"`([^`]+)`", cell)]


def alternatives(schema: dict, above: str = "") -> dict[str, set[str]]:
    """Settings with a closed list of values: key -> those values; `kind` is what a oneOf offers."""
    found = {}
    for name, rule in schema.get("properties", {}).items():
        rule = SCHEMA[rule["$ref"].rpartition("/")[2]] if "$ref" in rule else rule
        key = f"{above}{name}"
        if "enum" in rule:
            found[key] = set(rule["enum"])
        elif rule.get("type") == "boolean":
            found[key] = {"true", "false"}
        elif name == "schedule":
            found[f"{key}.kind"] = {kind["properties"]["kind"]["const"] for kind in rule["oneOf"]}
            for kind in rule["oneOf"]:
                found |= alternatives(kind, f"{key}.")
        else:
            found |= alternatives(rule, f"{key}.")
    return found


TASK = alternatives(SCHEMA["task"])
EVERY = ("l2_on", "last_batch", "precision")


def expected() -> list[tuple[str, str, set[str]]]:
    """(section, key, values) of every setting that the paper's three models can have."""
    found = [("Every task", key, TASK[key]) for key in EVERY]
    for kind, task in MODELS.items():
        found += [(task, f"model.{k}", v) for k, v in alternatives(SCHEMA[kind]).items()]
        parts = [part for part in ("schedule", "clip", "augmentation") if has(task, part)]
        found += [
            (task, key, values) for key, values in TASK.items() if key.partition(".")[0] in parts
        ]
    return found


def has(task: str, part: str) -> bool:
    """Whether the task has this part, with more to it than a kind that the paper states."""
    return PAPER.tasks[task].settings.get(part, {"kind": "constant"}) != {"kind": "constant"}


@pytest.mark.parametrize(("section", "key", "values"), expected())
def test_every_value_is_named(section, key, values):
    taken, also, *_ = rows(section)[key]
    assert values <= set(quoted(taken, also))


@pytest.mark.parametrize("section", ["Every task", *MODELS.values()])
def test_the_value_taken_is_that_of_the_paper_s_study(section):
    tasks = PAPER.tasks.values() if section == "Every task" else [PAPER.tasks[section]]
    for key, (taken, *_) in rows(section).items():
        (value,) = quoted(taken)
        for task in tasks:
            setting = task.settings
            for part in key.split("."):
                setting = setting.get(part) if setting else None
            assert yaml.safe_load(value) == setting, key


def test_every_row_says_why_and_whether_the_optimum_moves():
    for section in ("Every task", *MODELS.values()):
        for key, cells in rows(section).items():
            assert len(cells) == 4 and all(cell.strip() for cell in cells), key


@pytest.mark.parametrize(
    ("section", "key"),
    [
        ("autoencoder_mnist", "model.activation"),
        ("autoencoder_mnist", "model.init"),
        ("autoencoder_mnist", "model.reduction"),
        ("lstm_ptb", "model.time_reduction"),
        ("lstm_ptb", "clip.of"),
        ("lstm_ptb", "clip.scope"),
        ("lstm_ptb", "clip.norm"),
        ("Every task", "l2_on"),
        ("Every task", "last_batch"),
        ("wrn-16-4_cifar10", "schedule.first_drop"),
        ("wrn-16-4_cifar10", "model.ghost_batch"),
    ],
)
def test_what_can_move_the_optimum_is_a_key(section, key):
    assert key in rows(section)


def test_heavy_ball_or_nesterov():
    assert {"momentum-0.9", "nesterov-0.9"} <= set(quoted(sections()["The study"]))


def test_every_study_file_on_the_page_is_one(tmp_path):
    (text,) = re.findall(r"```yaml\n(.*?)```", DOC, re.S)
    (tmp_path / "config/studies").mkdir(parents=True)
    (tmp_path / "workflow").symlink_to(REPOSITORY / "workflow")
    paper = (REPOSITORY / "config/studies/paper.yaml").read_text(encoding="utf-8")
    (tmp_path / "config/studies/paper.yaml").write_text(paper, encoding="utf-8")
    (tmp_path / "config/studies/other.yaml").write_text(text, encoding="utf-8")
    study = load_study("other", tmp_path)
    assert {run.optimizer for run in study.runs_of("fig2")} == {"sgd", "nesterov-0.9"}
    assert study.tasks["wrn-16-4_cifar10"].model["ghost_batch"] == 64


@pytest.mark.parametrize("schedule", re.findall(r"`(\{kind: .*?\})`", DOC))
def test_every_schedule_on_the_page_is_valid(accept, schedule):
    accept(f"tasks: {{lstm_ptb: {{epochs: 200, schedule: {schedule}}}}}")


@pytest.fixture
def accept(root, write):
    def accepted(change: str) -> None:
        write("other", f"extends: paper\n{change}")
        load_study("other", root)

    return accepted
