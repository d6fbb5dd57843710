"""Any value at any key that the demo or the schema has makes a study or one sentence."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from largebatch.errors import UserError
from largebatch.study import Study, extends, load_study
from largebatch.study.yaml_files import read_yaml

REPOSITORY = Path(__file__).parents[2]
SCHEMA = read_yaml(Path("workflow/schemas/study.schema.yaml"), REPOSITORY)
DEMO = extends.read_layers(Path("config/studies/demo.yaml"), REPOSITORY)
NAMES = [name for part in ("datasets", "tasks", "sweeps") for name in DEMO.written[part]]
VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-2, 10**6) | st.sampled_from([8, 16, 128]),
    st.floats(),
    st.sampled_from(["", "5e-4", "sgd", "momentum-1", "demo", "two\nlines"]),
    st.lists(st.integers(0, 3), max_size=3),
    st.dictionaries(st.sampled_from(["kind", "source", "epochs", "x"]), st.integers(0, 3)),
    st.sampled_from(NAMES),
    st.lists(st.sampled_from(NAMES), min_size=1, max_size=2),
    st.dictionaries(st.sampled_from(["like", "task", "source"]), st.sampled_from(NAMES)),
)


def branches(rule: dict) -> list[dict]:
    """The rules that a value may follow: this one, or those that it points to."""
    if "$ref" in rule:
        return branches(SCHEMA["$defs"][rule["$ref"].rpartition("/")[2]])
    return [each for other in rule.get("oneOf", []) for each in branches(other)] or [rule]


def keys(content: object, rules: list[dict], above: tuple = ()) -> Iterator[tuple[tuple, list]]:
    """(key, the schema's words for it), for the keys that it has or may have, and a new one."""
    rules = [each for rule in rules for each in branches(rule)]
    if above:
        yield above, sorted({word for rule in rules for word in words(rule)})
    known, rest = {}, [each["additionalProperties"] for each in rules if "propertyNames" in each]
    for each in rules:
        for name, rule in each.get("properties", {}).items():
            known.setdefault(name, []).append(rule)
    content = content if isinstance(content, dict) else {}
    for name in [*content, *(known.keys() - content.keys()), *(["new"] if known or rest else [])]:
        yield from keys(content.get(name), known.get(name, rest), (*above, name))


def words(rule: dict) -> set[str]:
    return {*rule.get("enum", ()), *rule.get("items", {}).get("enum", ()), rule.get("const", "")}


# The keys of the merged demo, and those that its own file names (to remove them, too).
KEYS = dict(key for said in (DEMO.written, DEMO.files[-1][1]) for key in keys(said, [SCHEMA]))


@pytest.fixture(scope="module")
def repository(tmp_path_factory):
    """A copy, for the changed study."""
    root = tmp_path_factory.mktemp("repository")
    for folder in ("config", "workflow/schemas"):
        shutil.copytree(REPOSITORY / folder, root / folder)
    return root


@settings(max_examples=500, deadline=None)
@given(key=st.sampled_from(sorted(KEYS)), data=st.data())
def test_study_or_sentence(repository, key, data):
    word = st.sampled_from(KEYS[key] or [""])
    change = data.draw(VALUES | word | st.lists(word, min_size=1, max_size=2))
    for part in reversed(key):
        change = {part: change}
    file = repository / "config/studies/changed.yaml"
    file.write_text(yaml.safe_dump({"extends": "demo"} | change), encoding="utf-8")
    try:
        assert isinstance(load_study("changed", repository), Study)
    except UserError as error:
        sentence = str(error)
        assert sentence.startswith("config/studies/changed.yaml: ")
        assert sentence.endswith(".") and "\n" not in sentence
        assert "{" not in sentence and "[" not in sentence  # no Python objects in it
