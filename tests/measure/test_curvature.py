"""Lanczos and Hessian-vector products against dense matrices."""

import pytest
import torch

from largebatch.analysis.measure.curvature import (
    Hessian,
    batch_sharpness,
    flat,
    h_max,
    lanczos,
    named,
)
from largebatch.analysis.measure.objective import objective_of
from measure.test_objective import CASES, case

SMALL = {  # of each family: a few hundred weights, so that the dense Hessian is cheap
    "autoencoder": CASES["autoencoder"],
    "autoencoder, mean": CASES["autoencoder, mean"],
    "lstm": CASES["lstm"],
}


def problem(settings):
    model, batch = case(settings, batch=8)
    weights = {name: w[0].clone() for name, w in model.parameters.weight.items()}
    return objective_of(settings), weights, (batch.inputs[0], batch.targets[0])


def dense(objective, weights, batch):
    point = flat(weights)
    return torch.autograd.functional.hessian(lambda w: objective(named(w, weights), *batch), point)


@pytest.mark.parametrize("name", SMALL)
def test_largest_eigenvalue_is_that_of_the_dense_hessian(name):
    objective, weights, batch = problem(SMALL[name])
    expected = torch.linalg.eigvalsh(dense(objective, weights, batch))[-1].item()
    hessian = Hessian(objective, weights, [batch])
    found = h_max(hessian, torch.Generator().manual_seed(0), tolerance=1e-8)
    assert found.value == pytest.approx(expected, rel=1e-8)


@pytest.mark.parametrize("name", ["wrn", "wrn, ghosts", "wrn, no norm"])
def test_wrn_on_the_weights_of_its_last_layers(name):
    """The dense block of the classifier and last norm, and the whole Hessian's product on it."""
    objective, weights, batch = problem(CASES[name])
    block = {k: w for k, w in weights.items() if k.startswith(("linear", "norm"))}
    rest = {k: w for k, w in weights.items() if k not in block}

    def of_block(part, *minibatch):
        return objective(rest | part, *minibatch)

    matrix = dense(of_block, block, batch)
    found = h_max(
        Hessian(of_block, block, [batch]),
        torch.Generator().manual_seed(0),
        tolerance=1e-8,
        most_steps=len(matrix),
    )
    assert found.value == pytest.approx(torch.linalg.eigvalsh(matrix)[-1].item(), rel=1e-7)


@pytest.mark.parametrize("name", ["wrn", "wrn, ghosts", "wrn, no norm"])
def test_wrn_product_is_the_slope_of_the_gradient(name):
    objective, weights, batch = problem(CASES[name])
    direction = torch.randn(len(flat(weights)), dtype=torch.float64)
    direction /= direction.norm()
    step = 1e-5
    gradients = [
        Hessian(objective, named(flat(weights) + s * direction, weights), [batch]).gradient()
        for s in (step, -step)
    ]
    slope = (gradients[0] - gradients[1]) / (2 * step)
    product = Hessian(objective, weights, [batch]) @ direction
    assert (product - slope).norm() < 1e-4 * product.norm()


def test_the_largest_is_found_beside_a_larger_negative_one():
    matrix = torch.diag(torch.tensor([-9.0, 4.0, 3.9, 1.0] + [0.0] * 30, dtype=torch.float64))
    start = torch.randn(34, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    found = lanczos(lambda v: matrix @ v, start, tolerance=1e-10, most_steps=5)
    assert found.value == pytest.approx(4.0, abs=1e-9)


def test_the_residual_bounds_the_error():
    random = torch.Generator().manual_seed(3)
    matrix = torch.randn(60, 60, generator=random, dtype=torch.float64)
    matrix = matrix + matrix.T
    exact = torch.linalg.eigvalsh(matrix)
    found = lanczos(
        lambda v: matrix @ v, torch.randn(60, generator=random).double(), tolerance=0.05
    )
    assert (exact - found.value).abs().min().item() <= found.residual


def test_a_few_steps_find_the_best_vector_of_their_subspace_and_how_far_it_is_from_an_eigenvector():
    """Against the Krylov space, orthogonalised at once."""
    random = torch.Generator().manual_seed(3)
    matrix = torch.randn(30, 30, generator=random, dtype=torch.float64)
    matrix = matrix + matrix.T
    start = torch.randn(30, generator=random, dtype=torch.float64)
    powers = [start]
    for _ in range(4):
        powers.append(matrix @ powers[-1])
    basis, _ = torch.linalg.qr(torch.stack(powers, 1))
    values, vectors = torch.linalg.eigh(basis.T @ matrix @ basis)
    best = basis @ vectors[:, -1]
    found = lanczos(lambda v: matrix @ v, start, tolerance=0.0, most_steps=5)
    assert found.value == pytest.approx(values[-1].item())
    assert found.residual == pytest.approx((matrix @ best - values[-1] * best).norm().item())


def test_hessian_of_several_minibatches_is_their_mean():
    objective, weights, batch = problem(CASES["autoencoder"])
    halves = [tuple(part[k::2] for part in batch) for k in (0, 1)]
    vector = torch.randn(len(flat(weights)), dtype=torch.float64)
    whole, mean = Hessian(objective, weights, [batch]), Hessian(objective, weights, halves)
    torch.testing.assert_close(whole @ vector, mean @ vector)
    torch.testing.assert_close(whole.gradient(), mean.gradient())


def test_batch_sharpness_on_a_quadratic():
    """Loss 1/2 sum_i h_i (w_i - x_i)^2 a example: g' H g / g' g by hand."""
    h = torch.tensor([1.0, 3.0], dtype=torch.float64)

    def objective(weights, inputs, targets):
        return (h * (weights["w"] - inputs) ** 2).sum(1).mean() / 2

    x = torch.tensor([[1.0, 0.0], [0.0, 1.0]], dtype=torch.float64)
    weights = {"w": torch.zeros(2, dtype=torch.float64)}
    found = batch_sharpness(objective, weights, [(x[:1], None), (x[1:], None)])
    assert found == pytest.approx((1 + 3) / 2)
