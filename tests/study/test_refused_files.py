"""Files that are missing, unreadable or in a circle; and which of several files is blamed."""

from pathlib import Path

import pytest

from largebatch.errors import UserError
from largebatch.study import check_config, load_config, load_study
from largebatch.study.command_line import typed

CONFIG = {
    "study": "demo",
    "downloads": "downloads",
    "device": "cpu",
    "allow_dirty": False,
    "lanes": "auto",
    "unfinished": False,
    "enable": [],
    "kernels": "auto",
    "convolutions": "auto",
}


def said(action, *arguments) -> str:
    with pytest.raises(UserError) as refused:
        action(*arguments)
    return str(refused.value)


def test_no_such_study(root):
    assert said(load_study, "papr", root) == (
        "config/studies/papr.yaml: there is no study 'papr'; write 'paper', or another of "
        "cifar10-jpeg, cifar10-small, demo, mnist, mnist-full, paper, ptb-small, or write that "
        "file."
    )


def test_a_file_is_a_study_in_the_folder_of_studies_alone(root):
    """The workflow passes names on, so it would train a study from elsewhere but never draw it."""
    file = root / "config/studies/demo.yaml"
    for name in ("config/studies/demo.yaml", "./config/studies/demo.yaml", str(file)):
        assert load_study(name, root) == load_study("demo", root)
    (root / "mine.yaml").write_text(file.read_text())
    (root / "config/studies/own").mkdir()
    (root / "config/studies/own/mine.yaml").write_text(file.read_text())
    for name in ("mine.yaml", "own/mine", "../../mine"):
        assert said(load_study, name, root) == (
            f"{name}: studies must be in config/studies; move it there and give its name."
        )


@pytest.mark.parametrize(
    "name",
    ["data", "theory", "patches", "downloads", "figures.lock", "My", "a b", "-a", "a\n"],
)
def test_a_name_that_makes_no_folder_of_its_own(root, name):
    file = root / f"config/studies/{name}.yaml"
    file.write_text("extends: demo\n")
    assert "; rename " in said(load_study, name, root)


def test_not_in_a_repository(tmp_path):
    assert said(load_study, "demo", tmp_path) == (
        "config/studies: there are no studies here; run from the root of the repository."
    )
    assert said(load_config, tmp_path) == (
        "config/config.yaml: there is no such file; run from the repository's root, or restore it."
    )


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (
            "title: a: b",
            "line 1, column 9: not valid YAML (mapping values are not allowed here); correct it.",
        ),
        (
            "extends: demo\ntasks:\n    new:\n   old: null",
            "line 4, column 4: not valid YAML (its indentation, or its dash, does not match the "
            "lines above); correct it.",
        ),
        ("a: \x00", "it has a character that YAML does not allow; remove what is not text."),
        ("- 1", "it must hold `key: value` lines at the top level; correct it."),
        ("", "it must hold `key: value` lines at the top level; correct it."),
        (
            "extends: demo\nseeds: [1]\nseeds: [2]",
            "line 3, column 1: the key 'seeds' is given twice; remove one.",
        ),
        (
            "extends: demo\ntasks:\n  new:\n    l2: 0\n    l2: 1",
            "line 5, column 5: the key 'l2' is given twice; remove one.",
        ),
        (
            "extends: demo\nseeds: [1, 010]",
            "line 2, column 12: YAML reads 010 as 8; write a decimal number, or put text "
            "in quotes.",
        ),
        *(
            (
                f"seeds: [{number}]",
                f"line 1, column 9: YAML reads {number} as 16; write a decimal number, or put text "
                "in quotes.",
            )
            for number in ("1_6", "0x10", "0b10000")
        ),
        (
            "notice: 1:30.5",
            "line 1, column 9: YAML reads 1:30.5 as 90.5; write a decimal number, or put text "
            "in quotes.",
        ),
        ("a: " + "[" * 5000, "it is nested too deeply; use fewer levels."),
        (
            "extends: demo\ntitle: 2026-13-01",
            "it is not valid YAML (month must be in 1..12); correct it.",
        ),
        (
            "extends: dem",
            "extends: there is no study 'dem'; write 'demo', or another of bad, "
            "cifar10-jpeg, cifar10-small, demo, mnist, mnist-full, paper, ptb-small.",
        ),
        (
            "extends: ../config/studies/demo",
            "extends: there is no study '../config/studies/demo'; use one of bad, cifar10-jpeg, "
            "cifar10-small, demo, mnist, mnist-full, paper, ptb-small.",
        ),
        ("extends: [demo]", "extends: give it the name of one study in this folder."),
        ("extends: bad", "extends: it is in a circle (bad -> bad); remove one `extends`."),
    ],
)
def test_not_a_study(refusal, text, sentence):
    assert refusal(text) == f"config/studies/bad.yaml: {sentence}"


def test_not_utf8(root):
    (root / "config/studies/bad.yaml").write_bytes(b"title: \xff")
    assert said(load_study, "bad", root) == (
        "config/studies/bad.yaml: it is not UTF-8 text; save it as UTF-8."
    )


def test_circle_of_extends(write, refusal):
    write("other", "extends: bad")
    assert refusal("extends: other") == (
        "config/studies/other.yaml: extends: it is in a circle (bad -> other -> bad); "
        "remove one `extends`."
    )


def test_circle_of_likes(refusal):
    assert refusal("extends: demo\ntasks: {a: {like: b}, b: {like: a}}") == (
        "config/studies/bad.yaml: tasks.a.like: it is in a circle (a -> b -> a); remove one `like`."
    )


def test_a_task_without_a_name_beside_a_like(refusal):
    assert refusal("extends: demo\ntasks: {null: {like: lstm-32_markov}}").startswith(
        "config/studies/bad.yaml: tasks.None: YAML does not read this name as text"
    )


@pytest.mark.parametrize(
    ("like", "fault"),
    [("wrn", "there is no task 'wrn'"), ("[wrn]", "it is no task"), ("null", "it is no task")],
)
def test_like_what(refusal, like, fault):
    known = "autoencoder_mnist, autoencoder_mnist-4"
    assert refusal(f"extends: mnist\ntasks: {{new: {{like: {like}}}}}") == (
        f"config/studies/bad.yaml: tasks.new.like: {fault}; use one of {known}."
    )


def test_like_nothing_or_itself(refusal):
    like = "config/studies/bad.yaml: tasks.a.like: "
    assert refusal("tasks: {a: {like: b}}") == f"{like}there is no task 'b'; remove the line."
    assert refusal("tasks: {a: {like: a}}") == (
        f"{like}it is in a circle (a -> a); remove one `like`."
    )


class TestBlame:
    """With `extends` and `like`, the sentence names the file and key that hold the fault."""

    def test_fault_of_the_extended_study(self, write, refusal):
        write("base", "extends: demo\ntasks: {wrn-10-1_digits: {l2: -1}}")
        assert refusal("extends: base\ntasks: {wrn-10-1_digits: {epochs: 9}}") == (
            "config/studies/base.yaml: tasks.wrn-10-1_digits.l2: it must be at least 0, not -1."
        )

    def test_unknown_key_of_the_extended_study(self, write, refusal):
        write("base", "extends: demo\nsweeps: {digits-b8: {bacth: 16}}")
        assert refusal("extends: base\nsweeps: {digits-b8: {batch: 8}}").startswith(
            "config/studies/base.yaml: sweeps.digits-b8.bacth: unknown key; write 'batch'"
        )

    def test_removed_key(self, refusal):
        assert refusal("extends: demo\ntasks: {wrn-10-1_digits: {epochs: null}}") == (
            "config/studies/bad.yaml: tasks.wrn-10-1_digits.epochs: this key is missing; add it."
        )

    def test_misspelt_name_of_what_is_extended(self, refusal):
        """A part of a task under another name lacks most keys; one that lacks one is a new task."""
        assert refusal("extends: demo\ntasks: {autoencoder-64_digit: {epochs: 3}}") == (
            "config/studies/bad.yaml: tasks.autoencoder-64_digit.dataset: this key is missing; "
            "add it, or write 'autoencoder-64_digits' if you meant that."
        )
        sweep = refusal("extends: demo\nsweeps: {digit-b128: {batch: 9}}")
        assert "write 'digits-b128' if" in sweep
        assert "write 'fig7' if" not in refusal("extends: demo\nfigures: {small: {title: x}}")
        whole = "batch: 8, optimizers: [sgd], effective_lrs: [1]"
        assert refusal(f"extends: demo\nsweeps: {{digit-b8: {{{whole}}}}}") == (
            "config/studies/bad.yaml: sweeps.digit-b8.task: this key is missing; add it."
        )

    def test_removed_data_set(self, refusal):
        assert refusal("extends: mnist\ndatasets: {mnist: null, digits: {source: digits}}") == (
            "config/studies/bad.yaml: datasets.mnist: task 'autoencoder_mnist' needs the data set "
            "'mnist', which the study does not have; use one of digits."
        )

    def test_replaced_mapping(self, refusal):
        """The factor of the demo's geometric schedule does not carry over to milestones."""
        schedule = "{kind: milestones, after: [2]}"
        assert refusal(f"extends: demo\ntasks: {{wrn-10-1_digits: {{schedule: {schedule}}}}}") == (
            "config/studies/bad.yaml: tasks.wrn-10-1_digits.schedule.factor: this key is missing; "
            "add it."
        )

    def test_setting_from_another_task(self, refusal):
        """`a` is like wrn-10-1_digits and comes first in every order, but is not at fault."""
        tasks = "{a: {like: wrn-10-1_digits, epochs: 9}, wrn-10-1_digits: {l2_on: biases}}"
        assert refusal(f"extends: demo\ntasks: {tasks}") == (
            "config/studies/bad.yaml: tasks.wrn-10-1_digits.l2_on: 'biases' is unknown; "
            "use all or weights."
        )

    def test_setting_from_another_task_in_another_file(self, write, refusal):
        write("base", "extends: demo\ntasks: {wrn-10-1_digits: {model: {gamma: zeros}}}")
        tasks = "{a: {like: wrn-10-1_digits, model: {width: 2}}}"
        assert refusal(f"extends: base\ntasks: {tasks}") == (
            "config/studies/base.yaml: tasks.wrn-10-1_digits.model.gamma: 'zeros' is unknown; "
            "use ones or uniform."
        )


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"device": "gpu"}, "device: 'gpu' is unknown; use auto, cpu or cuda."),
        ({"allow_dirty": 1}, "allow_dirty: give it true or false, not 1."),
        ({"kernels": False}, "kernels: YAML reads off as false; write 'off' in quotes."),
        ({"kernels": True}, "kernels: true is unknown; use auto or off."),
        ({"kernels": None}, "kernels: null is unknown; use auto or off."),
        ({"lanes": "many"}, "lanes: give it a whole number, not 'many'; or write auto."),
        ({"lanes": 0}, "lanes: it must be at least 1, not 0; or write auto."),
        (
            {"studdy": "demo"},
            "studdy: unknown key; write 'study', or another of allow_dirty, convolutions, "
            "device, downloads, enable, kernels, lanes, study, unfinished.",
        ),
    ],
)
def test_refused_config(root, change, sentence):
    assert said(check_config, CONFIG | change, {Path("config/config.yaml"): CONFIG}, root) == (
        f"config/config.yaml or --config: {sentence}"
    )


def test_the_last_file_that_has_the_key_is_named(root):
    files = {Path("config/config.yaml"): CONFIG, Path("my.yaml"): {"lanes": 0}}
    assert said(check_config, CONFIG | {"lanes": 0}, files, root).startswith("my.yaml or --config:")
    assert said(check_config, CONFIG | {"device": 0}, files, root).startswith("config/config.yaml")


def test_missing_key_of_config(root):
    config = {key: value for key, value in CONFIG.items() if key != "downloads"}
    assert said(check_config, config, {}, root) == (
        "config/config.yaml or --config: downloads: this key is missing; add it."
    )


def test_config_of_the_repository(root):
    assert load_config(root)["study"] == "demo"


def test_texts_of_the_command_line_are_typed_and_lists_left_alone():
    given = {"unfinished": "true", "allow_dirty": False, "enable": ["batches"], "study": "demo"}
    assert typed(given) == {**given, "unfinished": True}
