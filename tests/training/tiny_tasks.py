"""Tiny tasks of all three kinds of model, trained in well under a second."""

WRN = {
    "kind": "wrn",
    "depth": 10,
    "width": 1,
    "dropout": 0.1,
    "normalization": "batch",
    "init": "he",
    "gamma": "ones",
}
AUTOENCODER = {
    "kind": "autoencoder",
    "widths": [20, 7],
    "activation": "sigmoid",
    "init": "glorot",
    "code": "linear",
    "output": "sigmoid",
    "reduction": "sum",
}
LSTM = {
    "kind": "lstm",
    "layers": 2,
    "hidden": 12,
    "unroll": 5,
    "dropout": 0.2,
    "init_scale": 0.2,
    "time_reduction": "sum",
    "hidden_state": "carry",
    "batchify": "contiguous",
}
MODELS = {"wrn": WRN, "autoencoder": AUTOENCODER, "lstm": LSTM}


def task(kind: str, **changes) -> dict:
    """Settings of a task as `Study.spec` gives them."""
    common = {
        "name": f"{kind}_tiny",
        "dataset": "tiny",
        "model": MODELS[kind],
        "epochs": 3,
        "schedule": {
            "kind": "geometric",
            "constant": 1,
            "factor": 0.5,
            "every": 1,
            "first_drop": "at_once",
        },
        "l2": 1e-3,
        "l2_on": "all",
        "last_batch": "keep",
        "precision": "fp32",
    }
    if kind == "wrn":
        common["augmentation"] = {"pad": 1, "padding": "reflect", "flip": True}
    if kind == "lstm":
        common["clip"] = {"norm": 5.0, "scope": "global", "of": "gradient"}
    return common | changes


def spec(kind: str, optimizer: str, lr: float, seed: int, batch: int = 8, **changes) -> dict:
    """One run's spec."""
    momentum = float(optimizer.partition("-")[2] or 0)
    return {
        "task": task(kind, **changes),
        "data": {"source": "tiny"},
        "batch": batch,
        "optimizer": optimizer,
        "momentum": momentum,
        "effective_lr": lr,
        "seed": seed,
    }
