"""Estimates of gradient noise on gradients whose covariance is known."""

import numpy as np
import pytest
import torch

from largebatch.analysis.measure.noise import noise_of


def gradients(examples: torch.Tensor, batch: int, seed: int):
    """Of disjoint minibatches of one shuffle of given single gradients (N, parameters)."""
    order = torch.randperm(len(examples), generator=torch.Generator().manual_seed(seed))
    whole = order[: len(order) // batch * batch]
    return [examples[chosen].mean(0) for chosen in whole.split(batch)]


@pytest.fixture(scope="module")
def population():
    """2,000 single gradients in 30 dimensions around 0.3: tr Sigma = 30 x 4."""
    random = torch.Generator().manual_seed(0)
    return 0.3 + 2 * torch.randn(2000, 30, generator=random, dtype=torch.float64)


@pytest.mark.parametrize("batch", [1, 10, 100])
def test_trace_and_mean_are_unbiased(population, batch):
    """Over 40 shuffles within four standard errors of the population's own values."""
    trace = population.var(0, correction=1).sum().item()
    square = (population.mean(0) ** 2).sum().item()
    found = [
        noise_of(gradients(population, batch, s), batch, 2000, torch.Generator().manual_seed(s))
        for s in range(40)
    ]
    for values, expected in (
        ([n.trace for n in found], trace),
        ([n.squared_gradient for n in found], square),
    ):
        error = np.std(values, ddof=1) / np.sqrt(len(values))
        assert abs(np.mean(values) - expected) <= 4 * error + 1e-9 * expected


def test_a_few_of_many_minibatches_are_unbiased_too(population):
    square = (population.mean(0) ** 2).sum().item()
    values = [
        noise_of(
            gradients(population, 10, s)[:8], 10, 2000, torch.Generator().manual_seed(s)
        ).squared_gradient
        for s in range(200)
    ]
    assert abs(np.mean(values) - square) < 4 * np.std(values) / np.sqrt(200)


def test_scale_is_none_where_the_gradient_is_lost_in_noise():
    draws = torch.randn(4000, 20, generator=torch.Generator().manual_seed(5))
    noise = noise_of(list(draws[:8]), 1, 10**9, torch.Generator().manual_seed(0))
    assert (noise.scale is None) == (noise.squared_gradient <= 0)
    known = noise_of(list(5 + draws[:1000]), 1, 10**9, torch.Generator().manual_seed(0))
    assert known.scale == pytest.approx(1 / 25, rel=0.1)


def test_kurtosis_tells_heavy_tails_from_gaussian_noise():
    """Projections of one heavy-tailed direction; those of 30 Gaussian ones are Gaussian."""
    random = torch.Generator().manual_seed(0)
    gaussian = torch.randn(4000, 30, generator=random)
    heavy = torch.randn(4000, 1, generator=random) ** 3
    values = [noise_of(list(g), 1, 10**9, random).excess_kurtosis for g in (gaussian, heavy)]
    assert abs(values[0]) < 0.2 and values[1] > 10


def test_few_gaussian_gradients_have_no_kurtosis_on_average():
    """That of eight numbers is -0.67 if it is not corrected for their number."""
    draws = torch.randn(500, 8, 30, generator=torch.Generator().manual_seed(0))
    random = torch.Generator().manual_seed(1)
    assert abs(np.mean([noise_of(list(g), 1, 10**9, random).excess_kurtosis for g in draws])) < 0.2
