"""What the pack of a run is, on this machine and on a cluster."""

from largebatch.study import load_study
from largebatch.study.cluster import Cluster, Needs
from largebatch.study.kinds.lstm import LSTM
from largebatch.study.packs import Packs

PAPER = load_study("paper")
AUTO = {"lanes": "auto", "device": "auto"}
RUN = next(run for run in PAPER.runs if run.task == "lstm_ptb" and run.batch == 1)


def unknown(files, lanes, on_gpu) -> None:
    return None


def test_without_a_gpu_auto_is_the_cpu() -> None:
    packs = Packs(PAPER, AUTO, None, unknown)
    assert packs.device("lstm_ptb") == "cpu" and packs.lanes(RUN) == LSTM.cpu_lanes[-1][1]


def test_on_this_machine_auto_is_its_gpu() -> None:
    packs = Packs(PAPER, AUTO, None, unknown, gpu_here=lambda: True)
    assert packs.device("lstm_ptb") == "cuda" and packs.lanes(RUN) == LSTM.gpu_lanes[0][1]
    packs = Packs(PAPER, AUTO | {"device": "cpu"}, None, unknown, gpu_here=lambda: True)
    assert packs.device("lstm_ptb") == "cpu" and packs.lanes(RUN) == LSTM.cpu_lanes[-1][1]


def test_on_a_cluster_a_pack_has_what_it_asks_for() -> None:
    packs = Packs(PAPER, AUTO, Cluster(), unknown)
    assert packs.device("lstm_ptb") == "cuda" and packs.lanes(RUN) == LSTM.gpu_lanes[0][1]
    on_cpus = Packs(PAPER, AUTO, Cluster(defaults=Needs(gpus=0)), unknown)
    assert on_cpus.device("lstm_ptb") == "cpu" and on_cpus.lanes(RUN) == LSTM.cpu_lanes[-1][1]


def test_the_pace_is_asked_once_a_pack_and_only_for_a_cluster() -> None:
    asked = []

    def pace(files, lanes, on_gpu) -> float:
        asked.append((len(files), lanes, on_gpu))
        return 60.0

    assert Packs(PAPER, AUTO, None, pace).minutes(RUN, 1) and not asked
    packs = Packs(PAPER, AUTO, Cluster(), pace)
    assert packs.minutes(RUN, 1) == 10 + 2 * 39 and packs.minutes(RUN, 2) == 2 * (10 + 2 * 39)
    alike = [run for run in PAPER.runs if run.pack == RUN.pack]
    assert asked == [(len(alike), packs.lanes(RUN), True)]
