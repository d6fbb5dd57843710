"""One lane's step at batch size 1 in one pass is the update rule with the whole gradient."""

import pytest
import torch
from torch.testing import assert_close

from largebatch.models.outer import Rule, descend_outer_
from largebatch.models.parameters import Parameters, Slot
from largebatch.training.update import accumulate_, add_l2_, descend_, descend_nesterov_


def by_the_rule(weight, velocity, x, delta, rule, l2):
    """`training.update`, operation by operation."""
    parameters = Parameters([Slot("w", tuple(weight.shape))], 1, layout="flat", dtype=weight.dtype)
    (block,) = parameters.blocks
    parameters.weight["w"][0], parameters.velocity["w"][0] = weight, velocity
    parameters.gradient["w"][0] = torch.outer(x, delta)
    m, e, nesterov = (torch.tensor([[float(value)]], dtype=weight.dtype) for value in rule)
    add_l2_(parameters, l2, everywhere=True)
    accumulate_(block, m)
    if rule.nesterov:
        descend_nesterov_(block, e, m, nesterov)
    else:
        descend_(block, e)
    return parameters.weight["w"][0], parameters.velocity["w"][0]


@pytest.mark.parametrize("rule", [Rule(0.0, 0.1, False), Rule(0.9, 0.1, False)])
@pytest.mark.parametrize("nesterov", [False, True])
@pytest.mark.parametrize("l2", [0.0, 0.03])
def test_three_steps_are_those_of_the_update_rule(rule, nesterov, l2):
    draw = torch.Generator().manual_seed(0)
    weight, velocity = torch.randn(2, 7, 5, generator=draw, dtype=torch.float64)
    rule, expected = rule._replace(nesterov=nesterov), (weight.clone(), velocity.clone())
    kept = velocity.clone()
    for _ in range(3):
        x, delta = (torch.randn(n, generator=draw, dtype=torch.float64) for n in (7, 5))
        expected = by_the_rule(*expected, x, delta, rule, l2)
        descend_outer_(weight, velocity, x, delta, rule, l2)
    assert_close(weight, expected[0])
    assert_close(velocity, expected[1] if rule.m else kept)
