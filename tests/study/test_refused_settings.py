"""A wrong setting is refused by one sentence that names file and key and says what to do.

Every study here is a diff of the demo with one fault, so the file to blame is the diff.
"""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from largebatch.errors import UserError
from largebatch.study import check_dataset
from largebatch.study.yaml_files import read_yaml

WRN, AUTOENCODER, LSTM = (
    "tasks.wrn-10-1_digits",
    "tasks.autoencoder-64_digits",
    "tasks.lstm-32_markov",
)
SOURCES = "cifar10, cifar100, digit-pairs, digits, markov, mnist, parquet-images, ptb or text"
SWEEP, FIGURE = "sweeps.digits-b8", "figures.fig1"


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


def diff_of_demo(key: str, value: str) -> str:
    """The study that sets one key: a.b.c, 1 -> a: {b: {c: 1}}."""
    *outer, inner = key.split(".")
    text = f"{{{inner}: {value}}}"
    for part in reversed(outer):
        text = f"{{{part}: {text}}}"
    return f"extends: demo\n{text[1:-1]}\n"


def says(refusal, key, value, blamed, sentence):
    assert refusal(diff_of_demo(key, value)) == f"config/studies/bad.yaml: {blamed}: {sentence}"


@pytest.mark.parametrize(
    ("key", "sentence"),
    [
        (
            "sedes",
            "unknown key; write 'seeds', or another of datasets, faithful, figures, notice, seeds, "
            "sweeps, tasks, title.",
        ),
        (
            "datasets.digits.tset_examples",
            "unknown key; write 'test_examples', or another of source, test_examples.",
        ),
        (
            f"{AUTOENCODER}.model.hidden",
            "unknown key; use activation, code, init, kind, output, reduction, widths.",
        ),
        (
            f"{WRN}.schedule.evry",
            "unknown key; write 'every', or another of constant, every, factor, first_drop, kind.",
        ),
    ],
)
def test_unknown_key(refusal, key, sentence):
    says(refusal, key, "1", key, sentence)


@pytest.mark.parametrize(
    ("key", "value", "sentence"),
    [
        ("title", "3", "give it text, not 3."),
        ("seeds", '"two\\nlines"', "give it a list, not 'two lines'."),
        ("faithful", "'yes'", "give it true or false, not 'yes'."),
        ("seeds", "[0.0]", "give it a whole number, not 0.0."),
        ("tasks", "[1]", "give it a mapping of keys, not a list."),
        ("datasets.mine", "digits", "give it a mapping of keys, not 'digits'."),
        (f"{WRN}.epochs", "true", "give it a whole number, not true."),
        (f"{WRN}.l2", "many", "give it a number, not 'many'."),
        (f"{WRN}.l2", ".nan", "give it a number, not nan."),
        (f"{WRN}.l2", "5e-4", "'5e-4' is read as text, not as a number; write 0.0005."),
        (f"{WRN}.augmentation", "none", "give it a mapping of keys or null, not 'none'."),
        (f"{SWEEP}.batch", "1e2", "'1e2' is read as text, not as a number; write 100."),
        (f"{SWEEP}.batch", "'0.5'", "give it a whole number, not '0.5'."),
        (f"{SWEEP}.effective_lrs", "[.inf]", "give it a number, not inf."),
        (
            "datasets.cifar11",
            "null",
            "it has no value and inherits none; give it a mapping of keys, or remove the line.",
        ),
    ],
)
def test_wrong_type(refusal, key, value, sentence):
    says(refusal, key, value, key, sentence)


@pytest.mark.parametrize(
    ("key", "value", "sentence"),
    [
        ("title", '""', "it is empty; write some text."),
        ("seeds", "[]", "it is empty; give it at least one value."),
        ("seeds", "[0, 1, 0]", "0 is listed twice; remove one."),
        ("seeds", "[-1]", "it must be at least 0, not -1."),
        ("seeds", "[4294967296]", "it must be at most 4294967295, not 4294967296."),
        (f"{WRN}.schedule.factor", "2", "it must be at most 1, not 2."),
        (
            f"{AUTOENCODER}.model.activation",
            "swish",
            "'swish' is unknown; use sigmoid, tanh or relu.",
        ),
        (f"{LSTM}.model.dropout", "1", "it must be less than 1, not 1."),
        (f"{SWEEP}.effective_lrs", "[0.1, 0.2, 0.1]", "0.1 is listed twice; remove one."),
        (f"{SWEEP}.effective_lrs", "[1, 1.0]", "1.0 is listed twice; remove one."),
        (f"{SWEEP}.effective_lrs", "[0]", "it must be greater than 0, not 0."),
        (f"{SWEEP}.effective_lrs", "[1.0e-300]", "it must be at least 1e-09, not 1e-300."),
        (f"{SWEEP}.effective_lrs", "[1.0e+300]", "it must be at most 1000000000.0, not 1e+300."),
        (
            f"{FIGURE}.metrics",
            "[train_loss, test_loss, test_accuracy]",
            "a figure has room for 2 of them; make another for the rest.",
        ),
        (
            f"{SWEEP}.group",
            "My Group",
            "a name has only lower-case letters, digits, '.', '_' and '-', and begins with a "
            "letter or digit; rename it.",
        ),
    ],
)
def test_value_out_of_range(refusal, key, value, sentence):
    says(refusal, key, value, key, sentence)


@pytest.mark.parametrize(
    ("key", "value", "blamed", "sentence"),
    [
        (
            "datasets.mine",
            "{source: digit}",
            "datasets.mine.source",
            f"'digit' is unknown; use {SOURCES}.",
        ),
        (
            "datasets.mine",
            "{train_limit: 10}",
            "datasets.mine.source",
            f"this key is missing; set it to {SOURCES}.",
        ),
        (
            f"{WRN}.model.kind",
            "resnet",
            f"{WRN}.model.kind",
            "'resnet' is unknown; use autoencoder, lstm or wrn.",
        ),
        (
            f"{WRN}.model.kind",
            "null",
            f"{WRN}.model.kind",
            "this key is missing; set it to autoencoder, lstm or wrn.",
        ),
        (f"{WRN}.model.kind", "lstm", f"{WRN}.model.layers", "this key is missing; add it."),
        (
            f"{WRN}.schedule.kind",
            "linear",
            f"{WRN}.schedule.kind",
            "'linear' is unknown; use constant, geometric or milestones.",
        ),
        (
            f"{WRN}.schedule",
            "{kind: milestones, factor: 0.1}",
            f"{WRN}.schedule.after",
            "this key is missing; add it.",
        ),
    ],
)
def test_unknown_or_incomplete_kind(refusal, key, value, blamed, sentence):
    says(refusal, key, value, blamed, sentence)


def test_a_misspelt_key_is_told_before_the_one_that_is_missing_for_it(refusal):
    sweep = "task: wrn-10-1_digits, batch: 8, optimizers: [sgd]"
    sentence = refusal(f"extends: demo\nsweeps: {{new: {{{sweep}, learning_rates: [0.1]}}}}")
    assert "sweeps.new.learning_rates: unknown key; use batch, effective_lrs, " in sentence


@pytest.mark.parametrize(
    ("optimizer", "sentence"),
    [
        ("adam", "'adam' is no optimizer; use sgd, momentum-<m>, nesterov-<m> or corrected-<m>."),
        ("momentum", "'momentum' names no momentum; write e.g. momentum-0.9."),
        ("momentum-high", "'momentum-high' names no momentum; write e.g. momentum-0.9."),
        ("momentum-0.90", "'momentum-0.90' must be written momentum-0.9."),
        ("nesterov-9e-1", "'nesterov-9e-1' must be written nesterov-0.9."),
        ("corrected", "'corrected' names no momentum; write e.g. corrected-0.9."),
        *(
            (
                f"momentum-{m}",
                f"the momentum of 'momentum-{m}' must lie between 0 and 1, both excluded; "
                "write e.g. momentum-0.9, or sgd for none.",
            )
            for m in ("1", "0", "-0.5", "1.5", "nan", "0.99999999999999999999")
        ),
    ],
)
def test_no_such_optimizer(refusal, optimizer, sentence):
    says(refusal, f"{SWEEP}.optimizers", f"[sgd, {optimizer}]", f"{SWEEP}.optimizers", sentence)


@pytest.mark.parametrize("name", ["My Data", "-1-", "../digits", "UPPER"])
def test_names_are_fit_for_files(refusal, name):
    sentence = refusal(f"extends: demo\ndatasets: {{{name}: {{source: cifar10}}}}")
    assert sentence == (
        f"config/studies/bad.yaml: datasets.{name}: "
        "a name has only lower-case letters, digits, '.', '_' and '-', and begins with a "
        "letter or digit; rename it."
    )


@pytest.mark.parametrize(("name", "read"), [("1", "1"), ("null", "None"), ("2026-01-01",) * 2])
def test_names_are_text(refusal, name, read):
    assert refusal(f"extends: demo\nfigures: {{{name}: {{title: x}}}}") == (
        f"config/studies/bad.yaml: figures.{read}: YAML does not read this name as text; "
        "put it in quotes, or rename it."
    )


def test_a_line_break_at_the_end_is_no_part_of_a_name(refusal):
    assert "rename it" in refusal('extends: demo\ndatasets: {"cifar\\n": {source: cifar10}}')


MARKOV = {"source": "markov", "vocabulary": 8, "branching": 9, "train_tokens": 5, "seed": 0}


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({}, f"source: this key is missing; set it to {SOURCES}."),
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
