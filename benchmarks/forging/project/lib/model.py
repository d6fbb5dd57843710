"""Softmax regression on digits; a state is weights and velocity, (64, 10) each."""

import numpy as np

from lib.steps import step

INITIAL = 0.01  # standard deviation of the weights


def start(generator: np.random.Generator) -> dict[str, np.ndarray]:
    return {"weights": INITIAL * generator.normal(size=(64, 10)), "velocity": np.zeros((64, 10))}


def probabilities(weights: np.ndarray, images: np.ndarray) -> np.ndarray:
    scores = np.exp(images @ weights)
    return scores / scores.sum(1, keepdims=True)


def test_loss(state, data) -> float:
    images, labels = data["images"][-data["test"] :], data["labels"][-data["test"] :]
    chosen = probabilities(state["weights"], images)[np.arange(len(labels)), labels]
    return float(-np.log(chosen).mean())


def train_epoch(state, data, generator, optimizer: str, rate: float, batch: int) -> None:
    images, labels = data["images"][: -data["test"]], data["labels"][: -data["test"]]
    for chosen in np.array_split(generator.permutation(len(labels)), len(labels) // batch):
        errors = probabilities(state["weights"], images[chosen]) - np.eye(10)[labels[chosen]]
        step(state, images[chosen].T @ errors / len(chosen), optimizer, rate)
