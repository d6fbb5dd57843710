"""`keep`: a study takes over some figures of another, and what they need."""

import pytest

from largebatch.study import load_study
from largebatch.study.keep import dropped


@pytest.fixture
def study(root, write):
    """study(text): the study of that text, which extends `paper`."""

    def study(text: str):
        write("own", f"extends: paper\ntitle: Own\nfaithful: false\nnotice: own\n{text}\n")
        return load_study("own", root)

    return study


def test_a_figure_and_what_it_needs(study):
    found = study("keep: [fig7]")
    assert list(found.figures) == ["fig7"] and list(found.sweeps) == ["autoencoder-b64"]
    assert list(found.tasks) == ["autoencoder_mnist"] and list(found.datasets) == ["mnist"]


def test_without_it_all_are_kept(study, root):
    paper = load_study("paper", root)
    found = study("")
    for part in ("figures", "sweeps", "tasks", "datasets"):
        assert getattr(found, part).keys() == getattr(paper, part).keys()


def test_what_the_file_mentions_stays(study):
    """Also a sweep that no figure shows; and its tasks stay with those that they are `like`."""
    found = study(
        "keep: [fig7]\n"
        "tasks: {narrow: {like: lstm_ptb, model: {hidden: 64}}}\n"
        "sweeps: {batches-mnist-b8: {seeds: [0]}, lstm-b1: {task: narrow}}"
    )
    assert found.sweeps.keys() == {"autoencoder-b64", "batches-mnist-b8", "lstm-b1"}
    assert found.tasks.keys() == {"autoencoder_mnist", "narrow", "lstm_ptb"}
    assert found.datasets.keys() == {"mnist", "ptb"}


def test_a_task_stays_with_those_that_it_is_like_and_those_that_they_are_like(study):
    found = study(
        "keep: [fig7]\n"
        "tasks: {narrow: {like: narrower}, narrower: {like: lstm_ptb, model: {hidden: 32}}}\n"
        "sweeps: {autoencoder-b64: {task: narrow}}\n"
        "figures: {fig7: {metrics: [test_loss]}}"
    )
    assert found.tasks.keys() == {"narrow", "narrower", "lstm_ptb"}


def test_figures_may_show_other_sweeps_of_the_extended_study(study):
    own = "own: {title: Own, kind: sweep, sweeps: [lstm-b256], metrics: [test_loss]}"
    found = study(f"keep: [fig7]\nfigures: {{fig7: {{sweeps: [autoencoder-b1]}}, {own}}}")
    assert found.sweeps.keys() == {"autoencoder-b1", "lstm-b256"}
    assert found.datasets.keys() == {"mnist", "ptb"}


def test_of_a_study_that_keeps_something_itself(study, root, write):
    study("keep: [fig6, fig7]")
    write("less", "extends: own\nkeep: [fig6]\n")
    assert list(load_study("less", root).sweeps) == ["autoencoder-b1"]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("extends: paper\nkeep: fig7", "keep: give it a list of figures, e.g. [fig2]."),
        ("extends: paper\nkeep: [7]", "keep: give it a list of figures, e.g. [fig2]."),
        (
            "extends: mnist\nkeep: [fig1]",
            "keep: mnist has no figure 'fig1'; use one of fig6, fig7.",
        ),
        ("title: Own\nkeep: [fig1]", "keep: there is nothing to keep; add `extends`."),
    ],
)
def test_refused(refusal, text, sentence):
    assert refusal(text) == f"config/studies/bad.yaml: {sentence}"


@pytest.mark.parametrize(
    "odd", [None, 3, "fig7", ["fig7"], {"fig7": None}, {"fig7": {"sweeps": 3}}]
)
def test_what_the_schema_will_refuse_is_left_to_it(odd):
    assert set(dropped({"figures": odd}, {"sweeps": odd}, ["fig7"])) >= {"figures", "sweeps"}
