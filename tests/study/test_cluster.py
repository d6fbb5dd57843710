"""What a pack asks a cluster for."""

from dataclasses import replace
from pathlib import Path

import pytest

from largebatch.errors import UserError
from largebatch.study import load_study
from largebatch.study.amount import Amount, guessed
from largebatch.study.cluster import Cluster, Needs, read_cluster
from largebatch.study.device_memory import device_mb
from largebatch.study.kinds.lstm import LSTM
from largebatch.study.lanes import lanes, steps, work
from largebatch.study.yaml_files import read_yaml

PAPER = load_study("paper")
PAPER_SIZE = PAPER.amount("cifar10")


def first(task: str, batch: int):
    return next(run for run in PAPER.runs if (run.task, run.batch) == (task, batch))


def minutes(cluster: Cluster, task: str, batch: int, **options) -> int:
    side_by_side = lanes("auto", PAPER.tasks[task], batch, "cuda")
    return cluster.minutes(PAPER, first(task, batch), side_by_side, **options)


def test_the_tracked_file_is_the_defaults() -> None:
    assert read_cluster(read_yaml(Path("config/cluster.yaml"))["cluster"]) == Cluster()


@pytest.mark.parametrize("run", sorted({(run.task, run.batch) for run in PAPER.runs}))
def test_every_pack_of_the_paper_fits_in_a_day(run) -> None:
    assert 10 < minutes(Cluster(), *run) <= 1440
    assert 10 < minutes(Cluster(), *run, attempt=3) <= 1440


def test_a_retry_asks_for_more() -> None:
    run = first("wrn-16-4_cifar10", 1024)
    once, twice = (Cluster().minutes(PAPER, run, 2, attempt=attempt) for attempt in (1, 2))
    assert twice == 2 * once
    assert Cluster().megabytes(PAPER, run, 2, 2) == 2 * Cluster().megabytes(PAPER, run, 2)


def test_memory_that_is_given_is_taken_and_else_grows_with_the_lanes() -> None:
    run = first("lstm_ptb", 1)
    few, many = (Cluster().megabytes(PAPER, run, lanes) for lanes in (2, 22))
    assert many - few == 20 * 400  # weights, velocities and checkpoints of an LSTM
    assert read_cluster({"defaults": {"memory_mb": 9000}}).megabytes(PAPER, run, 22) == 9000


def test_lanes_on_a_cpu_take_their_time_one_by_one() -> None:
    cluster = read_cluster({"defaults": {"gpus": 0, "max_walltime": 10**6}})
    few, many = (cluster.minutes(PAPER, first("lstm_ptb", 256), lanes) for lanes in (1, 10))
    assert many - 10 == pytest.approx(10 * (few - 10), rel=0.01)


def test_more_epochs_take_longer_and_lanes_too() -> None:
    run = first("lstm_ptb", 1)
    assert Cluster().minutes(PAPER, run, 20) > Cluster().minutes(PAPER, run, 1) > 10


def test_each_lane_on_a_gpu_takes_time_of_its_own_and_for_its_examples() -> None:
    run, long = first("lstm_ptb", 1), read_cluster({"defaults": {"max_walltime": 10**6}})
    _, lane, example = LSTM.gpu_step[PAPER.tasks[run.task].settings["precision"]]
    few, many = (long.minutes(PAPER, run, lanes) for lanes in (10, 30))
    seconds = steps(PAPER, run) * 20 * (lane + example) / 1e6
    assert many - few == pytest.approx(2 * seconds / 60, abs=1)


def test_a_last_minibatch_that_is_smaller_takes_a_step_too() -> None:
    demo = load_study("demo")
    run = next(run for run in demo.runs if (run.task, run.batch) == ("wrn-10-1_digits", 128))
    assert steps(demo, run) == demo.tasks[run.task].epochs * 12  # 1437 digits


def test_the_shortest_run_takes_some_time() -> None:
    demo = replace(load_study("demo"), prepared=lambda dataset: Amount(train=1, each=1))
    assert work(demo, demo.runs_of("fig6")[0]) == 1


def test_a_vocabulary_that_is_given_is_what_counts() -> None:
    settings = {"source": "markov", "vocabulary": 32, "train_tokens": 99, "test_tokens": 9}
    assert guessed(settings) == (99, 32, 0)


def test_a_large_data_set_takes_memory_on_host_and_gpu() -> None:
    run = first("wrn-16-4_cifar10", 1024)
    larger = replace(PAPER, prepared=lambda dataset: PAPER_SIZE._replace(megabytes=7_000))
    more = Cluster().megabytes(larger, run, 2) - Cluster().megabytes(PAPER, run, 2)
    assert more == device_mb(larger, run, 2) - device_mb(PAPER, run, 2) == 7_000


def test_a_task_without_gpus_has_no_type_of_gpu() -> None:
    settings = {"defaults": {"gpu_type": "h100"}, "tasks": {"lstm_ptb": {"gpus": 0}}}
    cluster = read_cluster(settings)
    assert cluster.of("lstm_ptb").gpu_model is None
    assert cluster.of("autoencoder_mnist").gpu_model == "h100"


def test_a_measured_pace_takes_the_place_of_the_estimate() -> None:
    run = first("lstm_ptb", 1)  # of 39 epochs
    assert Cluster().minutes(PAPER, run, 20, pace=60.0) == 10 + 2 * 39
    assert Cluster().minutes(PAPER, run, 20, attempt=2, pace=60.0) == 2 * (10 + 2 * 39)


@pytest.mark.parametrize(("notice", "expected"), [(120, 12), (900, 25), (901, 26), (0, 11)])
def test_a_short_pack_has_ten_minutes_before_it_is_told_to_stop(notice, expected) -> None:
    run = first("lstm_ptb", 1)
    assert Cluster(notice=notice).minutes(PAPER, run, 20, pace=0.1) == expected
    assert Cluster(notice=notice).minutes(PAPER, run, 20, pace=60.0) == 10 + 2 * 39


def test_packs_compute_on_what_they_ask_for() -> None:
    cluster = read_cluster({"tasks": {"lstm_ptb": {"gpus": 0}}})
    assert cluster.device("lstm_ptb", "auto") == "cpu"
    assert cluster.device("autoencoder_mnist", "auto") == "cuda"
    assert cluster.device("autoencoder_mnist", "cpu") == "cpu"


def test_a_task_differs_from_the_defaults_in_what_it_says() -> None:
    settings = {"defaults": {"partition": "gpu", "cpus": 4}, "tasks": {"lstm_ptb": {"cpus": 8}}}
    cluster = read_cluster(settings)
    assert cluster.of("lstm_ptb") == Needs(partition="gpu", cpus=8)
    assert cluster.of("autoencoder_mnist") == Needs(partition="gpu", cpus=4)


def test_walltime_that_is_given_is_taken() -> None:
    cluster = read_cluster({"defaults": {"walltime": 30, "max_walltime": 45}})
    assert minutes(cluster, "lstm_ptb", 1) == 30
    assert minutes(cluster, "lstm_ptb", 1, attempt=2) == 45


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"tasks": {"nosuch": {}}}, "cluster.tasks.nosuch: no study has such a task"),
        ({"defaults": {"gpus": 2}}, "cluster.defaults.gpus: it must be at most 1"),
        ({"default": {}}, "cluster.default: unknown key"),
        ({"defaults": {"partion": "x"}}, "cluster.defaults.partion: unknown key"),
        ({"defaults": {"gpus": "one"}}, "cluster.defaults.gpus: "),
        ({"concurrency": 0}, "cluster.concurrency: it must be at least 1"),
        (
            {"defaults": {"walltime": "24:00:00"}},
            "cluster.defaults.walltime: give it a whole number of minutes, not '24:00:00'; or",
        ),
        (
            {"defaults": {"max_walltime": "1 day"}},
            "cluster.defaults.max_walltime: give it a whole number of minutes, not '1 day'",
        ),
        (
            {"defaults": {"memory_mb": "16G"}},
            "cluster.defaults.memory_mb: give it a whole number of megabytes, not '16G'; or write",
        ),
        ({"notice": "2min"}, "cluster.notice: give it a whole number of seconds, not '2min'"),
        ({"defaults": {"walltime": 2}}, "cluster.notice: a pack of 2 min cannot"),
        (
            {"defaults": {"walltime": 9, "max_walltime": 1}},
            "cluster.notice: a pack of 1 min cannot",
        ),
        ({"notice": 60, "tasks": {"lstm_ptb": {"max_walltime": 1}}}, "cluster.notice: .* 60 s"),
    ],
)
def test_mistakes(settings, sentence) -> None:
    with pytest.raises(UserError, match="config/cluster.yaml: " + sentence):
        read_cluster(settings)


def test_another_study_that_is_wrong_has_no_tasks(root) -> None:
    (root / "config/studies/wrong.yaml").write_text("tasks: [{lstm_ptb: {}}]")
    assert read_cluster({"tasks": {"lstm_ptb": {"cpus": 3}}}, root).of("lstm_ptb").cpus == 3
    with pytest.raises(UserError, match="no study has such a task"):
        read_cluster({"tasks": {"wrong": {}}}, root)


def test_another_study_that_cannot_be_read_is_named_as_in_its_checkout(root) -> None:
    (root / "config/studies/wrong.yaml").write_text("[]")
    with pytest.raises(UserError, match=r"^config/studies/wrong\.yaml: it must hold"):
        read_cluster({"tasks": {"lstm_ptb": {}}}, root)
