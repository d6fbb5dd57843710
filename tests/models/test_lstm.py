"""The LSTM language model: size, gradients, hidden state, and the independence of its lanes."""

from itertools import product

import pytest
import torch
from torch import nn

from largebatch.models.lane_model import Batch
from largebatch.models.lstm import LSTM
from largebatch.models.streams import keep_mask
from largebatch.training.update import clip_gradient_

VOCABULARY = 11
SETTINGS = {
    "kind": "lstm",
    "layers": 2,
    "hidden": 6,
    "unroll": 5,
    "dropout": 0.0,
    "init_scale": 0.5,
    "time_reduction": "sum",
    "hidden_state": "carry",
}


def build(lanes=3, dtype=torch.float64, vocabulary=VOCABULARY, batch=2, **settings):
    facts = {"vocabulary": vocabulary}
    model = LSTM(SETTINGS | settings, facts, lanes, dtype=dtype, batch=batch)
    for lane in range(lanes):
        model.initialise(lane, torch.Generator().manual_seed(lane))
    return model


def words(*shape, seed=0, vocabulary=VOCABULARY):
    return torch.randint(vocabulary, shape, generator=torch.Generator().manual_seed(seed))


def text(lanes, batch, time, seed=0, vocabulary=VOCABULARY):
    tokens = words(lanes, batch, time + 1, seed=seed, vocabulary=vocabulary)
    key = torch.arange(lanes) * 1000 + seed
    return Batch(tokens[:, :, :-1], tokens[:, :, 1:], key)


class Reference(nn.Module):
    """One lane from torch.nn: an nn.LSTM for each layer; its gates are in the order i, f, g, o."""

    def __init__(self, model, lane):
        super().__init__()
        weight = {name: view[lane].clone() for name, view in model.parameters.weight.items()}
        vocabulary, hidden = weight["embedding"].shape
        self.embedding = nn.Embedding(vocabulary, hidden, _weight=weight["embedding"])
        self.recurrent = nn.ModuleList()
        for k in range(1, model.layers + 1):
            layer = nn.LSTM(hidden, hidden, dtype=torch.float64)
            layer.weight_ih_l0.data = reorder(weight[f"layer{k}.input"].flatten(1)).mT
            layer.weight_hh_l0.data = reorder(weight[f"layer{k}.recurrent"].flatten(1)).mT
            layer.bias_ih_l0.data = reorder(weight[f"layer{k}.input_bias"].flatten())
            layer.bias_hh_l0.data = reorder(weight[f"layer{k}.recurrent_bias"].flatten())
            self.recurrent.append(layer)
        self.softmax = nn.Linear(hidden, vocabulary, dtype=torch.float64)
        self.softmax.weight.data = weight["softmax.weight"].mT
        self.softmax.bias.data = weight["softmax.bias"]
        self.state = [None] * model.layers

    def forward(self, inputs, targets, masks=None):
        """Loss of each token, (time, batch), from (batch, time)."""
        x = self.embedding(inputs.mT)  # (time, batch, hidden)
        for k, layer in enumerate(self.recurrent):
            x = x if masks is None else x * masks[k]
            x, state = layer(x, self.state[k])
            self.state[k] = tuple(part.detach() for part in state)
        x = x if masks is None else x * masks[-1]
        return nn.functional.cross_entropy(
            self.softmax(x).flatten(0, 1), targets.mT.flatten(), reduction="none"
        ).view(inputs.mT.shape)

    def gradients(self):
        yield "embedding", self.embedding.weight.grad
        for k, layer in enumerate(self.recurrent, start=1):
            yield f"layer{k}.input", restore(layer.weight_ih_l0.grad.mT)
            yield f"layer{k}.recurrent", restore(layer.weight_hh_l0.grad.mT)
            yield f"layer{k}.input_bias", restore(layer.bias_ih_l0.grad)
            yield f"layer{k}.recurrent_bias", restore(layer.bias_hh_l0.grad)
        yield "softmax.weight", self.softmax.weight.grad.mT
        yield "softmax.bias", self.softmax.bias.grad


def reorder(gates):
    """Gates g, i, f, o (ours) to i, f, g, o (PyTorch's), along the last dimension."""
    g, i, f, o = gates.chunk(4, -1)
    return torch.cat([i, f, g, o], -1)


def restore(gates):
    i, f, g, o = gates.chunk(4, -1)
    return torch.stack([g, i, f, o], -2)


def test_published_number_of_parameters():
    """Zaremba et al.'s medium network, 19.78 M: two bias vectors a layer, as in their code."""
    model = LSTM(SETTINGS | {"hidden": 650}, {"vocabulary": 10_000}, lanes=1, batch=1)
    embedding, softmax = 10_000 * 650, 10_001 * 650 + 9_350
    layer = 650 * 2600 + 650 * 2600 + 2600 + 2600
    assert model.parameters.count() == embedding + 2 * layer + softmax == 19_780_400


@pytest.mark.parametrize("dropout", [0.0, 0.4])
@pytest.mark.parametrize(
    ("batch", "reduction", "hidden_state", "layers"),
    list(product([1, 4], ["sum", "mean"], ["carry", "reset"], [1, 2, 3])),
)
def test_loss_and_gradient_equal_autograd(batch, reduction, hidden_state, layers, dropout):
    """Over three unrolls, so that the state of the previous one counts, as a constant."""
    time = 5
    chosen = {"time_reduction": reduction, "hidden_state": hidden_state, "layers": layers}
    model = build(batch=batch, dropout=dropout, **chosen)
    references = [Reference(model, lane) for lane in range(3)]
    for step in range(3):
        data = text(3, batch, time, seed=step)
        loss, accuracy = model.gradient(data)
        assert accuracy is None
        for lane, reference in enumerate(references):
            if hidden_state == "reset":
                reference.state = [None] * layers
            shape = layers + 1, time, batch, 6
            masks = keep_mask(data.key, shape, dropout, torch.float64)[lane] if dropout else None
            losses = reference(data.inputs[lane], data.targets[lane], masks)
            reference.zero_grad()
            (losses.sum(0) if reduction == "sum" else losses.mean(0)).mean().backward()
            torch.testing.assert_close(loss[lane], losses.detach().mean())
            for name, expected in reference.gradients():
                torch.testing.assert_close(model.parameters.gradient[name][lane], expected)


def test_dropout_differs_between_places_steps_examples_and_keys():
    """Every connection that may drop does so on its own: no two masks are alike."""
    masks = keep_mask(torch.tensor([1, 2]), (3, 5, 4, 64), 0.5, torch.float64)
    rows = masks.flatten(0, 3)  # one for each key, place, step, example
    assert len(rows.unique(dim=0)) == 2 * 3 * 5 * 4


def test_hidden_state_is_carried_and_zeroed_at_the_start_of_an_epoch():
    model, first, second = build(), text(3, 2, 5, seed=0), text(3, 2, 5, seed=1)
    fresh, _ = model.gradient(second)
    model.start_epoch()
    model.gradient(first)
    carried, _ = model.gradient(second)
    assert (carried != fresh).all()
    model.start_epoch()
    assert all((state == 0).all() for state in model.state.values())
    again, _ = model.gradient(second)
    assert torch.equal(again, fresh)


def test_hidden_state_that_is_reset_does_not_matter():
    model, first, second = build(hidden_state="reset"), text(3, 2, 5), text(3, 2, 5, seed=1)
    fresh, _ = model.gradient(second)
    model.gradient(first)
    again, _ = model.gradient(second)
    assert torch.equal(again, fresh)


def test_hidden_state_of_a_checkpoint_can_be_put_back_before_the_first_step():
    model, data = build(), [text(3, 2, 5, seed=step) for step in range(2)]
    model.gradient(data[0])
    saved = {name: state.clone() for name, state in model.state.items()}
    shape = 3, 2, 2, 6  # (lanes, layers, batch, hidden)
    assert all(state.shape == shape for state in saved.values())
    expected, _ = model.gradient(data[1])
    resumed = build()
    for lane, name in product(range(3), saved):
        resumed.state[name][lane].copy_(saved[name][lane])
    found, _ = resumed.gradient(data[1])
    assert torch.equal(found, expected)


def test_evaluation_reads_one_stream_whatever_the_chunks():
    model, stream = build(dropout=0.5), words(24)
    inputs, targets = stream[:-1], stream[1:]
    for chunks in (inputs.split(23), inputs.split(7)):
        test = zip(chunks, targets.split(len(chunks[0])), strict=True)
        loss, accuracy = model.evaluate(test)
        assert accuracy is None
        for lane in range(3):  # batch 1, from a zero state, without dropout
            expected = Reference(model, lane)(inputs.unsqueeze(0), targets.unsqueeze(0)).mean()
            torch.testing.assert_close(loss[lane], expected.detach())


def test_evaluation_leaves_the_hidden_state_of_training_alone():
    data, stream = [text(3, 2, 5, seed=step) for step in range(2)], words(24)
    disturbed, undisturbed = build(), build()
    for model in (disturbed, undisturbed):
        model.gradient(data[0])
    disturbed.evaluate([(stream[:-1], stream[1:])])
    assert torch.equal(disturbed.gradient(data[1])[0], undisturbed.gradient(data[1])[0])


def test_all_parameters_start_uniform_within_the_scale():
    model = build(lanes=1, hidden=40, init_scale=0.05)
    for name, weight in model.parameters.weight.items():
        assert weight.abs().max() <= 0.05, name
        assert weight.std().item() == pytest.approx(0.05 / 3**0.5, rel=0.35), name
        assert (weight != 0).all(), name


def test_initial_weights_depend_on_the_generator_alone():
    model = build(lanes=2)
    for lane in (1, 0):
        model.initialise(lane, torch.Generator().manual_seed(5))
    for weight in model.parameters.weight.values():
        assert torch.equal(weight[0], weight[1])


def test_clipping_limits_the_norm_of_each_lane_over_all_parameters():
    model = build()
    model.gradient(text(3, 2, 5))
    before = [
        torch.cat([view[lane].flatten() for view in model.parameters.gradient.values()])
        for lane in range(3)
    ]
    limit = sorted(gradient.norm().item() for gradient in before)[1]  # one above, one below
    clip_gradient_(model.parameters, limit, "global")
    for lane, gradient in enumerate(before):
        after = torch.cat([view[lane].flatten() for view in model.parameters.gradient.values()])
        expected = gradient * min(1.0, limit / gradient.norm().item())
        torch.testing.assert_close(after, expected)
