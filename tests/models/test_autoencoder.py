"""The auto-encoder: size, gradients, initial weights, and the independence of its lanes."""

import copy
from itertools import pairwise, product

import pytest
import torch
from torch import nn
from trajectories import PACKS, trajectories

from largebatch.models.autoencoder import Autoencoder
from largebatch.models.lane_model import Batch

SETTINGS = {
    "kind": "autoencoder",
    "widths": [9, 7, 3],
    "activation": "sigmoid",
    "init": "glorot",
    "code": "linear",
    "output": "sigmoid",
    "reduction": "sum",
}
FACTS = {"shape": [1, 5, 4]}
PAPER = SETTINGS | {"widths": [1000, 500, 250, 30], "init": "sparse"}
MNIST = {"shape": [1, 28, 28]}
MODULES = {"sigmoid": nn.Sigmoid, "tanh": nn.Tanh, "relu": nn.ReLU, "linear": nn.Identity}


def build(settings=SETTINGS, facts=FACTS, lanes=3, dtype=torch.float64):
    model = Autoencoder(settings, facts, lanes, dtype=dtype)
    for lane in range(lanes):
        model.initialise(lane, torch.Generator().manual_seed(lane))
        for name, weight in model.parameters.weight.items():
            if name.endswith("bias"):  # zero at the start, where errors would not show
                weight[lane].normal_(generator=torch.Generator().manual_seed(lane))
    return model


def images(*shape, seed=0, dtype=torch.float64):
    return torch.rand(*shape, generator=torch.Generator().manual_seed(seed)).to(dtype)


def batch_of(x):
    return Batch(x, x, torch.zeros(len(x), dtype=torch.int64))


def reference(model, lane, settings):
    """The same network as a stack of nn.Linear."""
    layers = []
    for k, (fan_in, fan_out) in enumerate(pairwise(model.sizes), start=1):
        linear = nn.Linear(fan_in, fan_out, dtype=torch.float64)
        linear.weight.data = model.parameters.weight[f"layer{k}.weight"][lane].mT.clone()
        linear.bias.data = model.parameters.weight[f"layer{k}.bias"][lane].clone()
        is_code, is_output = k == len(settings["widths"]), k == len(model.sizes) - 1
        name = settings["output"] if is_output else settings["activation"]
        name = "linear" if is_code and settings["code"] == "linear" else name
        layers += [linear, MODULES[name]()]
    return nn.Sequential(*layers)


def squared_error(network, x, reduction):
    pixels = x.shape[1] if reduction == "mean" else 1
    return (network(x) - x).square().sum() / (len(x) * pixels)


def test_published_number_of_parameters():
    model = Autoencoder(PAPER, MNIST, lanes=1)
    assert model.sizes == [784, 1000, 500, 250, 30, 250, 500, 1000, 784]
    assert model.parameters.count() == 2_837_314  # 2.84 M


@pytest.mark.parametrize("batch", [1, 6])
@pytest.mark.parametrize(
    ("activation", "code", "output", "reduction"),
    list(
        product(
            ["sigmoid", "tanh", "relu"], ["linear", "same"], ["sigmoid", "linear"], ["sum", "mean"]
        )
    ),
)
def test_loss_and_gradient_equal_autograd(activation, code, output, reduction, batch):
    chosen = {"activation": activation, "code": code, "output": output, "reduction": reduction}
    settings = SETTINGS | chosen
    model, x = build(settings), images(3, batch, 20)
    loss, accuracy = model.gradient(batch_of(x))
    assert accuracy is None
    for lane in range(3):
        network = reference(model, lane, settings)
        expected = squared_error(network, x[lane], reduction)
        expected.backward()
        torch.testing.assert_close(loss[lane], expected.detach())
        for k, linear in enumerate(network[::2], start=1):
            gradient = model.parameters.gradient
            torch.testing.assert_close(gradient[f"layer{k}.weight"][lane], linear.weight.grad.mT)
            torch.testing.assert_close(gradient[f"layer{k}.bias"][lane], linear.bias.grad)


def test_a_second_gradient_replaces_the_first():
    model, x = build(), images(3, 4, 20)
    model.gradient(batch_of(x))
    first = copy.deepcopy(model.parameters.gradient)
    model.gradient(batch_of(images(3, 4, 20, seed=1)))  # another minibatch in between
    model.gradient(batch_of(images(3, 1, 20, seed=1)))  # and another batch size
    model.gradient(batch_of(x))
    assert all(torch.equal(first[name], model.parameters.gradient[name]) for name in first)


@pytest.mark.parametrize("reduction", ["sum", "mean"])
def test_evaluation_is_the_mean_over_all_images_whatever_the_chunks(reduction):
    settings = SETTINGS | {"reduction": reduction}
    model, x = build(settings), images(11, 1, 5, 4)
    loss, accuracy = model.evaluate((chunk, torch.zeros(len(chunk))) for chunk in x.split(4))
    assert accuracy is None
    for lane in range(3):
        expected = squared_error(reference(model, lane, settings), x.flatten(1), reduction)
        torch.testing.assert_close(loss[lane], expected.detach())


def test_evaluation_leaves_weights_and_gradients_alone():
    model, x = build(), images(3, 4, 20)
    model.gradient(batch_of(x))
    before = copy.deepcopy([model.parameters.weight, model.parameters.gradient])
    model.evaluate([(x[0], x[0])])
    after = [model.parameters.weight, model.parameters.gradient]
    for old, new in zip(before, after, strict=True):
        assert all(torch.equal(old[name], new[name]) for name in old)


def test_sparse_initialisation_is_martens():
    model = Autoencoder(PAPER, MNIST, lanes=1)
    model.initialise(0, torch.Generator().manual_seed(0))
    weight = {name: view[0] for name, view in model.parameters.weight.items()}
    drawn = []
    for k in range(1, 9):
        connections = (weight[f"layer{k}.weight"] != 0).sum(0)  # incoming, of each unit
        assert (connections == 15).all()
        assert (weight[f"layer{k}.bias"] == 0).all()
        drawn.append(weight[f"layer{k}.weight"][weight[f"layer{k}.weight"] != 0])
    drawn = torch.cat(drawn)  # 15 x 4,314 standard normal numbers
    assert abs(drawn.mean()) < 4 / len(drawn) ** 0.5
    assert abs(drawn.std() - 1) < 4 / (2 * len(drawn)) ** 0.5


def test_sparse_initialisation_of_a_layer_with_fewer_inputs_is_dense():
    model = Autoencoder(SETTINGS | {"init": "sparse"}, FACTS, lanes=1)
    model.initialise(0, torch.Generator().manual_seed(0))
    assert (model.parameters.weight["layer2.weight"][0] != 0).all()  # 9 inputs
    assert ((model.parameters.weight["layer1.weight"][0] != 0).sum(0) == 15).all()  # 20 inputs


@pytest.mark.parametrize(("init", "std"), [("glorot", (2 / 1784) ** 0.5), ("he", (2 / 784) ** 0.5)])
def test_scale_of_dense_initialisations(init, std):
    model = Autoencoder(PAPER | {"init": init}, MNIST, lanes=1)
    model.initialise(0, torch.Generator().manual_seed(0))
    weight = model.parameters.weight["layer1.weight"][0]
    assert weight.std().item() == pytest.approx(std, rel=0.01)
    if init == "glorot":
        assert weight.abs().max() <= (6 / 1784) ** 0.5


def test_initial_weights_depend_on_the_generator_alone():
    model = Autoencoder(SETTINGS, FACTS, lanes=2)
    model.initialise(1, torch.Generator().manual_seed(5))
    model.initialise(0, torch.Generator().manual_seed(5))
    for weight in model.parameters.weight.values():
        assert torch.equal(weight[0], weight[1])


# 250 x 30 and widths of 3 and 7 are not multiples of any vector length; nor are 35 pixels.
SHAPES = {
    "demo": ([32, 16, 8], [1, 8, 8]),
    "odd": ([13, 7, 3], [1, 5, 7]),
    "paper's code": ([250, 30], [1, 10, 10]),
}


@pytest.mark.parametrize("activation", ["sigmoid", "tanh", "relu"])
@pytest.mark.parametrize("batch", [1, 5, 64])
@pytest.mark.parametrize("shape", SHAPES)
def test_bits_do_not_depend_on_the_pack(shape, batch, activation):
    widths, image = SHAPES[shape]
    settings = SETTINGS | {"widths": widths, "activation": activation, "init": "sparse"}
    pixels = image[1] * image[2]

    def pack(lanes):
        return Autoencoder(settings, {"shape": image}, lanes)

    def data(run, step):
        seed = 1000 * abs(run) + step
        return batch_of(images(1, batch, pixels, seed=seed, dtype=torch.float32))

    test = [(images(n, pixels, seed=n, dtype=torch.float32), None) for n in (19, 19, 2)]
    expected = trajectories(pack, data, test, PACKS[0])[0]
    assert expected.isfinite().all()
    for runs in PACKS[1:]:
        found = trajectories(pack, data, test, runs)[runs.index(0)]
        assert torch.equal(found, expected), runs


def test_neighbours_in_a_pack_do_differ():
    """Otherwise a model that mixes up its lanes would pass the test above."""

    def data(run, step):
        return batch_of(images(1, 4, 20, seed=1000 * run + step))

    first, second = trajectories(
        lambda lanes: Autoencoder(SETTINGS, FACTS, lanes, dtype=torch.float64),
        data,
        [(images(3, 20), None)],
        [0, 1],
    )
    assert not torch.equal(first, second)
