"""Whatever one writes at any key of the demo: a study, or one sentence about that file."""

import shutil
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from largebatch.errors import UserError
from largebatch.study import Study, load_study

REPOSITORY = Path(__file__).parents[2]
VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-2, 10**6),
    st.floats(),
    st.sampled_from(["", "5e-4", "sgd", "momentum-1", "demo", "lstm", "digits", "constant"]),
    st.lists(st.integers(0, 3), max_size=3),
    st.dictionaries(st.sampled_from(["kind", "source", "epochs", "x"]), st.integers(0, 3)),
)


def keys(content: dict, above: tuple = ()) -> list[tuple]:
    """Every key of a nested mapping, and one beside each that is not there."""
    found = []
    for name, value in content.items():
        found += [(*above, name), (*above, "new")]
        if isinstance(value, dict):
            found += keys(value, (*above, name))
    return found


DEMO = yaml.safe_load((REPOSITORY / "config/studies/demo.yaml").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def repository(tmp_path_factory):
    root = tmp_path_factory.mktemp("repository")
    for folder in ("config", "workflow/schemas"):
        shutil.copytree(REPOSITORY / folder, root / folder)
    return root


@settings(max_examples=150, deadline=None)
@given(key=st.sampled_from(keys(DEMO)), value=VALUES)
def test_study_or_sentence(repository, key, value):
    change = value
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
