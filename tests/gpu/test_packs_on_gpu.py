"""On a GPU: graphs change no bit, a wide ResNet's lane none, the host never waits in an epoch."""

import gc

import pytest
import torch
from small import dataset, spec

from largebatch.training.execution import AUTO, Execution
from largebatch.training.pack import Lane, Pack

RUNS = [("sgd", 0.05, 0), ("momentum-0.9", 0.1, 0), ("momentum-0.9", 0.05, 1)]
RUNS.append(("corrected-0.9", 0.1, 0))
CASES = [("wrn", 16), ("autoencoder", 1), ("autoencoder", 16), ("lstm", 1), ("lstm", 4)]
EAGER = Execution(graphs="off")


def pack_of(kind, batch, runs=RUNS, execution=AUTO, device="cuda", **changes) -> Pack:
    from largebatch.data.load import Dataset

    data, lanes = dataset(kind), [Lane(spec(kind, batch, *run, **changes)) for run in runs]
    tensors = {k: v.to(device) for k, v in vars(data).items() if isinstance(v, torch.Tensor)}
    pack = Pack(lanes, Dataset(data.facts, data.digest, **tensors), torch.device(device), execution)
    pack.initialise()
    return pack


def trained(*arguments, **options) -> list[dict]:
    pack = pack_of(*arguments, **options)
    while not pack.finished:
        pack.train_epoch(lambda p: False)
    return [pack.export(lane) | {"losses": _losses(lane)} for lane in pack.lanes]


def _losses(lane) -> torch.Tensor:
    return torch.tensor([(row.train_loss, row.test_loss) for row in lane.rows[1:]])


def assert_same(one: dict, other: dict) -> None:
    differing = [name for name in one if not torch.equal(one[name], other[name])]
    assert not differing


@pytest.mark.parametrize(("kind", "batch"), CASES)
def test_graphs_change_no_bit(kind, batch):
    for one, other in zip(trained(kind, batch), trained(kind, batch, execution=EAGER), strict=True):
        assert_same(one, other)


@pytest.mark.parametrize(("kind", "batch"), CASES)
def test_twice_the_same(kind, batch):
    for one, other in zip(trained(kind, batch), trained(kind, batch), strict=True):
        assert_same(one, other)


BRANCHES = Execution(convolutions="branches")


@pytest.mark.parametrize(
    ("precision", "execution"),
    [("fp32", AUTO), ("tf32", AUTO), ("bf16", BRANCHES), ("bf16", AUTO)],
)
def test_a_wide_resnet_has_the_same_bits_alone_and_packed(precision, execution):
    packed = trained("wrn", 16, execution=execution, precision=precision)
    for run, lane in zip(RUNS, packed, strict=True):
        alone = trained("wrn", 16, [run], execution, precision=precision)
        assert_same(alone[0], lane)


def test_joint_convolutions_and_branches_agree():
    assert pack_of("wrn", 16, precision="bf16").model.convolutions == "joint"
    joint, branches = (trained("wrn", 16, execution=e, precision="bf16") for e in (AUTO, BRANCHES))
    for one, other in zip(joint, branches, strict=True):
        torch.testing.assert_close(one["losses"], other["losses"], rtol=2e-2, atol=1e-5)


@pytest.mark.parametrize(("kind", "batch"), [c for c in CASES if c[0] != "wrn"])
def test_matrix_models_agree_alone_and_packed(kind, batch):
    """To rounding: cuBLAS chooses by the number of matrices (docs/kernels.md)."""
    packed = trained(kind, batch)
    for run, lane in zip(RUNS, packed, strict=True):
        alone = trained(kind, batch, [run])[0]
        torch.testing.assert_close(alone["losses"], lane["losses"], rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize(("kind", "batch"), CASES)
def test_gpu_and_cpu_agree(kind, batch):
    on_gpu, on_cpu = trained(kind, batch), trained(kind, batch, device="cpu")
    for one, other in zip(on_gpu, on_cpu, strict=True):
        torch.testing.assert_close(one["losses"], other["losses"], rtol=1e-3, atol=1e-5)


OTHERS = [("wrn", 16, {"precision": "bf16"}), ("lstm", 1, {"l2": 0})]


@pytest.mark.parametrize(("kind", "batch", "changes"), [*((*case, {}) for case in CASES), *OTHERS])
def test_own_kernels_and_pytorchs_agree(kind, batch, changes):
    own = trained(kind, batch, **changes)
    plain = trained(kind, batch, execution=Execution(kernels="off"), **changes)
    rtol = 2e-2 if changes.get("precision") == "bf16" else 1e-3
    for one, other in zip(own, plain, strict=True):
        torch.testing.assert_close(one["losses"], other["losses"], rtol=rtol, atol=1e-5)


@pytest.mark.parametrize(("kind", "batch"), CASES)
def test_the_host_never_waits_within_an_epoch(kind, batch):
    pack = pack_of(kind, batch)
    pack.train_epoch(lambda p: False)
    pack.steps.evaluate()  # the third: all graphs are recorded
    pack.steps.start_epoch(2, 1.0)
    torch.cuda.set_sync_debug_mode("error")
    try:
        for step in range(pack.feed.steps):
            pack.steps.take(step)
        pack.steps.evaluate()
    finally:
        torch.cuda.set_sync_debug_mode("default")


@pytest.mark.parametrize(("kind", "batch"), CASES)
def test_resumed_within_an_epoch(kind, batch):
    """From steps that a graph replays to steps before there is one."""
    whole, pack = trained(kind, batch), pack_of(kind, batch)
    while pack.train_epoch(lambda p: (p.epoch, p.step) == (2, 2)):
        assert not pack.finished
    states, rows = [pack.export(lane) for lane in pack.lanes], [lane.rows for lane in pack.lanes]
    resumed = pack_of(kind, batch)
    for lane, old in zip(resumed.lanes, rows, strict=True):
        lane.rows = old
    resumed.restore(states, pack.epoch, pack.step)
    while not resumed.finished:
        resumed.train_epoch(lambda p: False)
    for lane, expected in zip(resumed.lanes, whole, strict=True):
        assert_same(resumed.export(lane) | {"losses": _losses(lane)}, expected)


def test_what_the_collector_frees_breaks_no_recording():
    """An older pack refers to its graphs and they to it: only the collector frees them."""
    thresholds = gc.get_threshold()
    trained("autoencoder", 16)
    gc.set_threshold(1)
    try:
        trained("autoencoder", 16)
    finally:
        gc.set_threshold(*thresholds)
