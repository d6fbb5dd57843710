"""The measurements of a figure in a few lines of text."""

import pyarrow as pa

from largebatch.study import decimal


def summary(table: pa.Table) -> str:
    """Curvature and noise by run (mean over seeds) at each epoch, and the limits."""
    rows = table.to_pylist()
    lines = []
    for (batch, optimizer, lr, epoch), found in _grouped(rows).items():
        words = ", ".join(f"{name} {value:.4g}" for name, value in found.items())
        lines.append(f"  b{batch} {optimizer} lr{decimal(lr)} epoch {epoch}: {words}")
    for row in rows:
        if row["quantity"] in ("onset", "limit"):
            words = f"{row['quantity']} of {row['optimizer']}: {row['value']:.4g}"
            lines.append(f"  b{row['batch']} {words}")
    for row in rows:
        if row["quantity"] in ("noise_trace", "excess_kurtosis", "noise_scale"):
            words = f"{row['normalization'] or ''} {row['quantity']}: {row['value']:.4g}".strip()
            place = f"b{row['batch']} {row['optimizer']} lr{decimal(row['effective_lr'])}"
            lines.append(f"  {place} epoch {row['epoch']}, B = {row['probe_batch']}, {words}")
    return "\n".join(lines)


def _grouped(rows: list[dict]) -> dict[tuple, dict[str, float]]:
    """{run and epoch: {quantity: mean over seeds}} of the curvatures."""
    values: dict[tuple, dict[str, list[float]]] = {}
    for row in rows:
        if row["quantity"] in ("h_max", "batch_sharpness"):
            key = row["batch"], row["optimizer"], row["effective_lr"], row["epoch"]
            values.setdefault(key, {}).setdefault(row["quantity"], []).append(row["value"])
    return {
        key: {name: sum(found) / len(found) for name, found in by_name.items()}
        for key, by_name in values.items()
    }
