"""SGD and heavy ball at one effective learning rate."""

from lib.rates import learning_rate

MOMENTUM = 0.9


def step(state, gradient, optimizer: str, rate: float) -> None:
    momentum = MOMENTUM if optimizer == "momentum" else 0.0
    state["velocity"] *= momentum
    state["velocity"] -= learning_rate(rate, momentum) * gradient
    state["weights"] += state["velocity"]
