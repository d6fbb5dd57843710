"""A wrong setting is refused by one sentence that names file and key and says what to do.

Every study here is a diff of the demo with one fault, so the file to blame is the diff. Most of
them, and their sentences, are in `refused.txt`.
"""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from largebatch.errors import UserError
from largebatch.study import check_dataset
from largebatch.study.yaml_files import read_yaml

TEXT = Path(__file__).with_name("refused.txt").read_text().splitlines()
LINES = [line for line in TEXT if line and not line.startswith("#")]


@pytest.mark.parametrize(("change", "sentence"), list(zip(LINES[::2], LINES[1::2], strict=True)))
def test_refused(refusal, change, sentence):
    assert refusal(f"extends: demo\n{change}\n") == f"config/studies/bad.yaml: {sentence.strip()}"


def rules(part: object) -> Iterator[dict]:
    """The schema's rules of values, from the outermost to the innermost."""
    for below in (
        part.values() if isinstance(part, dict) else part if isinstance(part, list) else ()
    ):
        yield from rules(below)
    if isinstance(part, dict) and part.keys() & {"type", "enum", "const", "oneOf", "$ref"}:
        yield part


def test_every_rule_refuses_something():
    """Below, one key stands for all whose rule has the same form; so each has to have it."""
    schema, seen = read_yaml(Path("workflow/schemas/study.schema.yaml")), Counter()
    widths = schema["$defs"]["autoencoder"]["properties"]["widths"]
    for rule in rules(schema):
        kinds = [rule.get("type")] if isinstance(rule.get("type"), str) else rule.get("type", [])
        seen.update(kinds)
        if "object" in kinds:
            assert rule["additionalProperties"] is False or "propertyNames" in rule
        if "array" in kinds:
            assert rule["minItems"] == 1 and (rule.get("uniqueItems") or rule is widths)
        if {"integer", "number"} & {*kinds}:
            assert rule.keys() & {"minimum", "exclusiveMinimum"}
        for key, below in rule.get("properties", {}).items():
            assert below.keys() & {"type", "enum", "const", "oneOf", "$ref"}, key
    assert seen["object"] > 15 and seen["array"] >= 5 and seen["integer"] + seen["number"] > 25


def test_a_misspelt_key_is_told_before_the_one_that_is_missing_for_it(refusal):
    sweep = "task: wrn-10-1_digits, batch: 8, optimizers: [sgd]"
    sentence = refusal(f"extends: demo\nsweeps: {{new: {{{sweep}, learning_rates: [0.1]}}}}")
    assert "sweeps.new.learning_rates: unknown key; use batch, effective_lrs, " in sentence


def test_more_runs_than_can_be_planned(refusal):
    assert refusal(f"extends: demo\nseeds: {list(range(10_000))}") == (
        "config/studies/bad.yaml: seeds: sweep 'autoencoder-b1' has 100,000 runs, but may have "
        "50,000; give it fewer rates, optimizers or seeds."
    )


def test_a_line_break_at_the_end_is_no_part_of_a_name(refusal):
    assert "rename it" in refusal('extends: demo\ndatasets: {"cifar\\n": {source: cifar10}}')


MARKOV = {"source": "markov", "vocabulary": 8, "branching": 9, "train_tokens": 5, "seed": 0}


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({}, "source: this key is missing; set it to cifar10, cifar100, "),
        (
            {"source": "digits", "test_examples": "3"},
            "test_examples: '3' is read as text, not as a ",
        ),
        ({"source": "digits", "test_examples": "many"}, "test_examples: give it a whole number, "),
        ({"source": "digits", "test_examples": 1797}, "test_examples is 1797, but scikit-learn "),
        (MARKOV, "test_tokens: this key is missing; add it."),
        (
            MARKOV | {"test_tokens": 5},
            "branching: 9 words cannot follow each word if there are only 8 ",
        ),
    ],
)
def test_data_that_no_study_could_have(settings, sentence):
    """Such settings come from an option of `largebatch data`."""
    with pytest.raises(UserError) as refused:
        check_dataset(settings, "--settings")
    assert str(refused.value).startswith(f"--settings: {sentence}")
