"""Random streams: functions of (seed, name, epoch), independent, uniform."""

import torch

from largebatch.models.streams import generator, hashed_bits, keep_mask, keys, stream_seed


def test_a_stream_is_a_function_of_seed_name_and_epoch():
    first = torch.rand(5, generator=generator(3, "order", 2))
    assert torch.equal(first, torch.rand(5, generator=generator(3, "order", 2)))
    seeds = {stream_seed(s, n, e) for s in range(9) for n in ("init", "order") for e in range(9)}
    assert len(seeds) == 9 * 2 * 9


def test_hashed_bits_do_not_depend_on_neighbours():
    alone = hashed_bits(keys([7], "dropout", 1), 100)
    packed = hashed_bits(keys([1, 7, 2], "dropout", 1), 100)
    assert torch.equal(alone[0], packed[1])
    assert torch.equal(hashed_bits(keys([7], "dropout", 1), 40)[0], alone[0, :40])


def test_hashed_bits_are_uniform_and_uncorrelated():
    n = 100_000
    u = hashed_bits(keys(list(range(8)), "dropout", 0), n).double() / 2**32
    assert (u.mean(1) - 0.5).abs().max() < 5 * (1 / 12 / n) ** 0.5
    histogram = torch.stack([torch.histc(row, 100, 0, 1) for row in u])
    chi2 = ((histogram - n / 100) ** 2 / (n / 100)).sum(1)  # 99 degrees of freedom
    assert (chi2 < 99 + 5 * (2 * 99) ** 0.5).all() and (chi2 > 99 - 5 * (2 * 99) ** 0.5).all()
    correlation = torch.corrcoef(u) - torch.eye(8)
    assert correlation.abs().max() < 5 / n**0.5
    lagged = torch.corrcoef(torch.stack([u[0, :-1], u[0, 1:]]))[0, 1]
    assert abs(lagged) < 5 / n**0.5


def test_keep_mask_is_inverted_dropout():
    mask = keep_mask(keys([0, 1], "dropout", 3), (50, 1000), 0.25, torch.float32)
    assert mask.shape == (2, 50, 1000)
    assert set(mask.unique().tolist()) == {0.0, 1 / 0.75} or mask.unique().numel() == 2
    assert abs(mask.mean().item() - 1) < 0.01
