"""The helper that the lists of dependencies in dvc.yaml and the Snakefile forget."""

SCALE = 1.0


def learning_rate(effective: float, momentum: float) -> float:
    return SCALE * effective * (1 - momentum)
