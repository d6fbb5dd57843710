"""What benchmarks/peers.py compares, in which order, and what a fault or an end of time costs."""

import math
import multiprocessing
import os
import time

import peers
import pytest
import torch
from parts.workloads import small
from ways import cases, compiled
from ways.cases import Case, Measured, in_turn, measure_each
from ways.compiled import measure_compiled
from ways.contenders import COMPILED, CONTENDERS, begin

CPU, GPU = torch.device("cpu"), torch.device("cuda")
WRN, AUTOENCODER, LSTM = small()


def soon(seconds: float = 300) -> float:
    return time.perf_counter() + seconds


def test_everything_is_compared_once_and_what_is_compiled_by_itself():
    works = peers.one_of_each()
    groups = list(in_turn(works, [name for name in CONTENDERS if name != "vmap"], GPU))
    named = [str(case) for group in groups for case in group]
    wanted = [
        f"{work.name}, {precision}: {name}"
        for work in works
        for precision in cases.precisions(work.kind, GPU)
        for name in CONTENDERS
        if name != "vmap"
    ]
    assert sorted(named) == sorted(wanted) and len(set(wanted)) == len(wanted)
    for group in groups:
        assert len({case.name in COMPILED for case in group}) == 1
    assert [(case.work.kind, case.work.batch) for case in groups[0][:4]] == [
        ("wrn", 32),
        ("wrn", 32),
        ("autoencoder", 1),
        ("lstm", 1),
    ]


def test_on_a_cpu_all_is_in_single_precision_and_once():
    found = [case for group in in_turn(small(), CONTENDERS, CPU) for case in group]
    assert {case.precision for case in found} == {"fp32"}
    names = {str(case) for case in found}
    assert len(names) == len(found) == len(small()) * len(CONTENDERS)


@pytest.mark.parametrize("work", small(), ids=lambda work: work.kind)
@pytest.mark.parametrize("name", ["plain", "vmap"])
def test_every_parameter_of_every_lane_is_trained(work, name, monkeypatch):
    optimizers = []

    class Kept(torch.optim.SGD):
        def __init__(self, *settings, **others):
            super().__init__(*settings, **others)
            optimizers.append(self)

    monkeypatch.setattr(torch.optim, "SGD", Kept)
    step = begin(work, work.data(CPU), name, cases.precisions(work.kind, GPU)[0], 2, CPU)
    (group,) = optimizers[0].param_groups
    before = [parameter.detach().clone() for parameter in group["params"]]
    for _ in range(3):
        step()
    for old, new in zip(before, group["params"], strict=True):
        by_lane = zip(old, new, strict=True) if name == "vmap" else [(old, new)]
        assert all(a.dtype == torch.float32 and not torch.equal(a, b) for a, b in by_lane)
        assert new.isfinite().all()


def test_a_pack_that_does_not_fit_is_halved_and_a_fault_costs_no_other(monkeypatch):
    def begun(work, data, name, precision, lanes, device):
        if name == "plain":
            raise RuntimeError("injected")
        if lanes > 4:
            raise torch.OutOfMemoryError("injected")
        return begin(work, data, name, precision, lanes, device)

    monkeypatch.setattr(cases, "begin", begun)
    some = [Case(AUTOENCODER, name, "tf32") for name in ("plain", "vmap")]
    (_, fault), (_, found) = measure_each(some, CPU, 0.001, until=math.inf)
    assert fault == "failed: RuntimeError('injected')"
    assert found.lanes == 4 and found.seconds > 0


def test_nothing_is_begun_without_time():
    some = [Case(LSTM, "plain", "tf32")]
    for measure in (measure_each, measure_compiled):
        assert list(measure(some, CPU, 0.001, until=0.0)) == [(some[0], "no time left")]


def test_cases_in_processes_of_their_own(monkeypatch):
    """Nothing is compiled, which would take half a minute; the rest is as for `compile`."""
    monkeypatch.setattr(compiled, "AT_ONCE", 2)
    some = [Case(AUTOENCODER, name, "tf32") for name in ("nonsense", "plain")]
    (_, fault), (case, found) = measure_compiled(some, CPU, 0.001, soon())
    assert fault == "failed: KeyError('nonsense')"
    assert case is some[1] and isinstance(found, Measured)
    assert found.lanes == 1 and found.seconds > 0


def test_what_is_not_compiled_in_time_is_ended():
    some = [Case(WRN, "plain", "tf32")]
    found = list(measure_compiled(some, CPU, 0.001, soon(0.2)))
    assert found == [(some[0], "not compiled in time")]
    assert not multiprocessing.active_children()


def test_a_process_that_dies_is_named(monkeypatch):
    some = [Case(WRN, "plain", "tf32")]
    monkeypatch.setattr(compiled, "_child", _dies)
    (_, fault) = next(measure_compiled(some, CPU, 0.001, soon()))
    assert fault == "failed: its process has ended"


def _dies(pipe, *_) -> None:
    pipe.send("ready")
    os._exit(1)
