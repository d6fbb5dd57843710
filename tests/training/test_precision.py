"""With bf16, feature maps are in bfloat16, and everything that lasts is in float32."""

import torch
from small import ended, started

from largebatch.training.execution import AUTO, Execution
from largebatch.training.pack import Pack


def trained(precision: str, execution=AUTO) -> Pack:
    runs = [("momentum-0.9", 0.05, seed) for seed in (0, 1)]
    pack = started(runs, "wrn", 16, execution, precision=precision)
    ended(pack)
    return pack


def test_weights_velocities_statistics_and_sums_stay_in_single_precision():
    kinds = {tensor.dtype for tensor in trained("bf16").steps.state().values()}
    assert kinds == {torch.float32, torch.float64}


def test_bf16_is_near_fp32_and_not_the_same():
    half, single = (trained(precision).lanes[0].rows[-1] for precision in ("bf16", "fp32"))
    assert half.train_loss != single.train_loss
    assert abs(half.train_loss - single.train_loss) < 0.05 * single.train_loss


def test_bf16_steps_by_graph_are_the_plain_ones():
    plain, graphed = trained("bf16"), trained("bf16", Execution(graphs="on"))
    assert [lane.rows[-1].train_loss for lane in plain.lanes] == [
        lane.rows[-1].train_loss for lane in graphed.lanes
    ]
