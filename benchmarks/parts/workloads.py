"""The paper's workloads as literals, with random data of the same shapes; needs only PyTorch.

A test compares them with config/studies/paper.yaml. Speed does not depend on what pixels show.
"""

from dataclasses import dataclass, field
from types import SimpleNamespace

import torch
from torch import Tensor

WRN = {"kind": "wrn", "depth": 16, "width": 4, "normalization": "batch", "init": "he"}
WRN |= {"dropout": 0, "bn_momentum": 0.1, "bn_epsilon": 1e-5, "gamma": "ones"}
AUTOENCODER = {"kind": "autoencoder", "widths": [1000, 500, 250, 30], "activation": "sigmoid"}
AUTOENCODER |= {"init": "sparse", "code": "linear", "output": "sigmoid", "reduction": "sum"}
LSTM = {"kind": "lstm", "layers": 2, "hidden": 650, "unroll": 35, "dropout": 0.5}
LSTM |= {"init_scale": 0.05, "time_reduction": "sum", "hidden_state": "carry"}
LSTM |= {"batchify": "contiguous"}
CROPS = {"pad": 4, "padding": "reflect", "flip": True}
CLIP = {"norm": 5, "scope": "global", "of": "gradient"}

CIFAR10 = {"shape": [3, 32, 32], "classes": 10}
CIFAR100 = {"shape": [3, 32, 32], "classes": 100}
MNIST = {"shape": [1, 28, 28], "classes": 10}
PTB = {"vocabulary": 10_000}
# Images or words that are tested: images as many as a GPU takes at a time, words of one stream.
# A larger test takes no longer per image or word.
MOST_TEST = {"wrn": 2000, "autoencoder": 2000, "lstm": 2048}
# The first is measured in all ways, the others only alone and in the first pack; fp32 is the
# paper's.
PRECISIONS = {
    "wrn": ("bf16", "tf32", "fp32"),
    "autoencoder": ("tf32", "fp32"),
    "lstm": ("tf32", "fp32"),
}
SIZES = {"wrn": (50_000, 10_000), "autoencoder": (60_000, 10_000), "lstm": (929_589, 82_430)}


@dataclass(frozen=True)
class Workload:
    """One (task, batch) of the paper: `runs` of `epochs` each are trained for `figures`.

    packs: sizes of packs that are worth measuring; the first is what the workflow takes on a GPU
    (study/lanes.py; a test compares them), the others might beat it.
    """

    figures: str
    model: dict
    facts: dict
    batch: int
    epochs: int
    runs: int
    l2: float
    packs: tuple[int, ...]
    sizes: tuple[int, int] = field(default=(0, 0))

    @property
    def name(self) -> str:
        return f"{self.model['kind']} B={self.batch} (fig. {self.figures})"

    @property
    def kind(self) -> str:
        return self.model["kind"]

    @property
    def steps(self) -> int:
        """Updates per epoch."""
        train, _ = self.sizes
        if self.kind == "lstm":
            return (train // self.batch - 1) // self.model["unroll"]
        return train // self.batch

    @property
    def test_share(self) -> float:
        """Size of the real test set over that of the one measured on."""
        return self.sizes[1] / self._tested

    @property
    def _tested(self) -> int:
        return min(self.sizes[1], MOST_TEST[self.kind])

    def task(self, precision: str) -> dict:
        return {
            "model": self.model,
            "l2": self.l2,
            "l2_on": "all",
            "augmentation": CROPS if self.kind == "wrn" else None,
            "clip": CLIP if self.kind == "lstm" else None,
            "last_batch": "drop",
            "precision": precision,
        }

    def data(self, device: torch.device) -> SimpleNamespace:
        """Random pixels or words on the CPU, drawn on the device because that is faster."""
        draw = torch.Generator(device).manual_seed(0)
        train, test = self.sizes[0], self._tested

        def whole(most: int, *shape: int, dtype=torch.int64) -> Tensor:
            drawn = torch.randint(0, most, shape, generator=draw, dtype=dtype, device=device)
            return drawn.cpu()

        if self.kind == "lstm":
            words = self.facts["vocabulary"]
            tokens = whole(words, train + test, dtype=torch.int32)
            return SimpleNamespace(
                facts=self.facts, train_tokens=tokens[:train], test_tokens=tokens[train:]
            )
        shape, classes = self.facts["shape"], self.facts["classes"]
        images = whole(256, train + test, *shape, dtype=torch.uint8)
        labels = whole(classes, train + test)
        facts = self.facts | {"mean": [0.5] * shape[0], "std": [0.25] * shape[0]}
        return SimpleNamespace(
            facts=facts,
            train_images=images[:train],
            train_labels=labels[:train],
            test_images=images[train:],
            test_labels=labels[train:],
        )


def paper() -> list[Workload]:
    """Every (task, batch) of the paper, with the runs of config/studies/paper.yaml."""
    rows = [
        ("1, 3", WRN, CIFAR10, 32, 200, 275, 5e-4, (16, 32, 8, 4, 2)),
        ("2, 3", WRN, CIFAR10, 1024, 200, 275, 5e-4, (2,)),
        ("4", WRN, CIFAR100, 128, 200, 110, 5e-4, (8, 16, 4, 2)),
        ("5", WRN, CIFAR100, 1024, 200, 110, 5e-4, (2,)),
        ("6", AUTOENCODER, MNIST, 1, 256, 90, 1e-5, (64, 16, 4)),
        ("7", AUTOENCODER, MNIST, 64, 256, 100, 1e-5, (64, 16, 4)),
        ("8", LSTM, PTB, 1, 39, 60, 0, (15, 3)),
        ("9", LSTM, PTB, 256, 39, 60, 0, (15, 3)),
    ]
    return [Workload(*row, sizes=SIZES[row[1]["kind"]]) for row in rows]


def alike(works: list[Workload]) -> list[list[Workload]]:
    """Group the workloads that take the same time per epoch: same network, batch and data size."""
    found: dict[str, list[Workload]] = {}
    for work in works:
        network = work.model, work.facts.get("shape"), work.batch, work.sizes, work.packs
        found.setdefault(repr(network), []).append(work)
    return list(found.values())


def small() -> list[Workload]:
    """Small workloads of the same kinds, which take seconds on a CPU; tests run them."""
    narrow = AUTOENCODER | {"widths": [32, 8]}
    wrn, lstm = WRN | {"depth": 10, "width": 1}, LSTM | {"hidden": 32, "unroll": 8}
    digits, words = {"shape": [1, 8, 8], "classes": 10}, {"vocabulary": 64}
    return [
        Workload("small", wrn, digits, 16, 1, 2, 5e-4, (4, 2), (256, 64)),
        Workload("small", narrow, digits, 1, 1, 2, 1e-5, (16, 4), (256, 64)),
        Workload("small", lstm, words, 4, 1, 2, 0, (3, 2), (2000, 200)),
    ]
