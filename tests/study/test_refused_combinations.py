"""Settings that are right alone but wrong together get one sentence (test_refused_settings)."""

import pytest

SWEEPS = (
    "autoencoder-b1, autoencoder-b64, corrected-wrn, digits-b128, digits-b8, lstm-b1, "
    "lstm-b16, momenta-b128, momenta-b8, pairs-b128, pairs-b16"
)
FIGURE = "{title: Mine, kind: sweep, sweeps: [digits-b8], metrics: [train_loss]}"
TASKS = "autoencoder-64_digits, lstm-32_markov, wrn-10-1_digit-pairs, wrn-10-1_digits"


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (
            "tasks: {wrn-10-1_digits: {dataset: digit}}",
            "tasks.wrn-10-1_digits.dataset: task 'wrn-10-1_digits' needs the data set 'digit', "
            "which the study does not have; use one of digit-pairs, digits, markov.",
        ),
        (
            "datasets: {digit-pairs: null, digits: null, markov: null}",
            "datasets.digits: task 'wrn-10-1_digits' needs the data set 'digits', which the study "
            "does not have; it has none, so add one.",
        ),
        (
            "sweeps: {digits-b8: {task: digits}}",
            "sweeps.digits-b8.task: sweep 'digits-b8' needs the task 'digits', which the study "
            f"does not have; use one of {TASKS}.",
        ),
        (
            "figures: {fig1: {sweeps: [digits-b17]}}",
            "figures.fig1.sweeps: figure 'fig1' needs the sweep 'digits-b17', which the study does "
            f"not have; use one of {SWEEPS}.",
        ),
        (
            "sweeps: {digits-b8: {enabled: false}}",
            "sweeps.digits-b8.enabled: figure 'fig1' shows the sweep 'digits-b8', which is not "
            "enabled; enable it, or remove it from the figure.",
        ),
        (
            f"figures: {{report: {FIGURE}}}",
            "figures.report: 'report' is the name of a target or output of the workflow; choose "
            "another.",
        ),
        (
            f"figures: {{map-7: {FIGURE}}}",
            "figures.map-7: 'map-7' is the name of a target or output of the workflow; choose "
            "another.",
        ),
    ],
)
def test_names_that_must_exist(refusal, change, sentence):
    assert refusal(f"extends: demo\n{change}") == f"config/studies/bad.yaml: {sentence}"


def test_more_runs_than_can_be_planned(refusal):
    assert refusal(f"extends: demo\nseeds: {list(range(10_000))}") == (
        "config/studies/bad.yaml: seeds: sweep 'autoencoder-b1' has 100,000 runs, but may have "
        "50,000; give it fewer rates, optimizers or seeds."
    )


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (
            "tasks: {lstm-32_markov: {dataset: digits}}",
            "tasks.lstm-32_markov.dataset: a model of kind lstm cannot be trained on 'digits' "
            "(digits); use kind wrn or autoencoder.",
        ),
        (
            "tasks: {wrn-10-1_digits: {dataset: markov}}",
            "tasks.wrn-10-1_digits.dataset: a model of kind wrn cannot be trained on 'markov' "
            "(markov); use kind lstm.",
        ),
        (
            "tasks: {lstm-32_markov: {augmentation: {pad: 1, padding: zero, flip: true}}}",
            "tasks.lstm-32_markov.augmentation: text cannot be augmented; set augmentation to "
            "null.",
        ),
        (
            "datasets: {markov: {source: digits}}",
            "datasets.markov.source: a model of kind lstm cannot be trained on 'markov' (digits); "
            "use kind wrn or autoencoder.",
        ),
        (
            "tasks: {lstm-32_markov: {like: wrn-10-1_digits}}",
            "tasks.lstm-32_markov.like: text cannot be augmented; set augmentation to null.",
        ),
        (
            "tasks: {wrn-10-1_digit-pairs: {schedule: {kind: milestones}}}",
            "tasks.wrn-10-1_digit-pairs.schedule.factor: this key is missing; add it.",
        ),
        (
            "tasks: {wrn-10-1_digit-pairs: {like: autoencoder-64_digits}}",
            "tasks.wrn-10-1_digit-pairs.like: figure 'fig4' shows test_accuracy, which a model of "
            "kind autoencoder does not have; use test_loss, train_loss.",
        ),
        (
            "sweeps: {lstm-b1: {task: wrn-10-1_digits}}",
            "sweeps.lstm-b1.task: figure 'fig8' shows train_perplexity, which a model of kind wrn "
            "does not have; use test_accuracy, test_loss, train_accuracy, train_loss.",
        ),
        (
            "tasks: {wrn-10-1_digits: {model: {depth: 12}}}",
            "tasks.wrn-10-1_digits.model.depth: a wide ResNet has 6 n + 4 layers, not 12; "
            "use 10, 16, 22, 28 or so on.",
        ),
        (
            "tasks: {wrn-10-1_digits: {model: {normalization: none, ghost_batch: 4, "
            "bn_momentum: 0.1}}}",
            "tasks.wrn-10-1_digits.model.normalization: nothing is normalized, so bn_momentum, "
            "ghost_batch would do nothing; remove that, or set to null what is inherited.",
        ),
        (
            "datasets: {markov: {branching: 65}}",
            "datasets.markov.branching: 65 words cannot follow each word if there are only 32 "
            "(vocabulary); lower branching.",
        ),
        (
            "figures: {fig1: {metrics: [train_loss, test_perplexity]}}",
            "figures.fig1.metrics: figure 'fig1' shows test_perplexity, which a model of kind wrn "
            "does not have; use test_accuracy, test_loss, train_accuracy, train_loss.",
        ),
        (
            "figures: {fig1: {sweeps: [digits-b8, digits-b128]}}",
            "figures.fig1.sweeps: a figure of kind sweep shows one sweep, not 2; make a figure "
            "for each, or use kind momenta, which draws a row for each.",
        ),
        (
            "figures: {fig3: {sweeps: [momenta-b8, digits-b8]}}",
            "figures.fig3.sweeps: two sweeps of figure 'fig3' have the same batch; make a figure "
            "for each.",
        ),
        (
            "sweeps: {momenta-b8: {batch: 128}}",
            "sweeps.momenta-b8.batch: two sweeps of figure 'fig3' have the same batch; make a "
            "figure for each.",
        ),
        (
            "figures: {fig6: {metrics: [test_accuracy]}}",
            "figures.fig6.metrics: figure 'fig6' shows test_accuracy, which a model of kind "
            "autoencoder does not have; use test_loss, train_loss.",
        ),
    ],
)
def test_model_fits_data_and_figure(refusal, change, sentence):
    assert refusal(f"extends: demo\n{change}") == f"config/studies/bad.yaml: {sentence}"


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (
            "sweeps: {digits-b8: {batch: 1438}}",
            "sweeps.digits-b8.batch: a batch of 1438 is larger than 'digits' (1437 "
            "examples); lower the batch or use more data.",
        ),
        (
            "sweeps: {lstm-b16: {batch: 745}}",
            "sweeps.lstm-b16.batch: a batch of 745 x 11 words is larger than 'markov' (8192 "
            "words); lower the batch or use more data.",
        ),
        (
            "tasks: {lstm-32_markov: {model: {unroll: 8192}}}",
            "tasks.lstm-32_markov.model.unroll: a batch of 1 x 8193 words is larger than "
            "'markov' (8192 words); lower the batch or use more data.",
        ),
        (
            "datasets: {mine: {source: mnist, train_limit: 60001}}",
            "datasets.mine: train_limit is 60001, but mnist has 60000 examples there: lower "
            "train_limit or leave it out.",
        ),
        (
            "datasets: {digits: {test_examples: 1797}}",
            "datasets.digits: test_examples is 1797, but scikit-learn has 1797 digits to divide: "
            "choose a number from 1 to 1796.",
        ),
        (
            "datasets: {digits: {test_examples: 1787}}",
            "datasets.digits: a batch of 64 is larger than 'digits' (10 examples); "
            "lower the batch or use more data.",
        ),
    ],
)
def test_more_than_the_data(refusal, change, sentence):
    assert refusal(f"extends: demo\n{change}") == f"config/studies/bad.yaml: {sentence}"


@pytest.mark.parametrize(
    ("change", "blamed", "last", "epochs"),
    [
        ("{epochs: 2}", "epochs", 3, 2),
        ("{schedule: {constant: 20}}", "schedule.constant", 20, 5),
        ("{schedule: {kind: milestones, factor: 0.1, after: [2, 9]}}", "schedule.after", 9, 5),
    ],
)
def test_schedule_past_the_epochs(refusal, change, blamed, last, epochs):
    name = "after" if "after" in change else "constant"
    assert refusal(f"extends: demo\ntasks: {{wrn-10-1_digits: {change}}}") == (
        f"config/studies/bad.yaml: tasks.wrn-10-1_digits.{blamed}: the learning rate changes "
        f"after epoch {last} (schedule.{name}), but training ends with epoch {epochs} (epochs); "
        "change one of them."
    )


def test_bf16_is_for_wide_resnets(refusal):
    sentence = refusal("extends: demo\ntasks: {lstm-32_markov: {precision: bf16}}")
    assert sentence == (
        "config/studies/bad.yaml: tasks.lstm-32_markov.precision: a model of kind lstm cannot "
        "be trained in bf16; use fp32 or tf32."
    )
