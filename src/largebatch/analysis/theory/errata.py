"""Every number of docs/errata.md: `python -m largebatch.analysis.theory.errata`.

Pure functions that return lines of text; only `main` prints.
"""

import numpy as np

from largebatch.analysis.text_table import text_table
from largebatch.analysis.theory import (
    batches,
    effective_steps,
    mean_square,
    momentum_sums,
    noisy_quadratic,
    stability,
    stationary,
)

LISTED_MOMENTA = (0.5, 0.9, 0.99, 0.999, 0.9999)
# epochs 1-100 constant, then halved every 10 epochs (the paper's figures 1-5)
WRN_SCHEDULE = (1.0,) * 100 + tuple(0.5 ** (1 + k // 10) for k in range(100))


def sections() -> dict[str, list[str]]:
    """Title -> lines, in the order of docs/errata.md."""
    return {
        "eq. 18: B Var(batch mean) / Sigma against B/N": _eq18(),
        "eq. 24, first sum x (1-m)^2, m = 0.9, n = 100": _eq24(),
        "eq. 26: covariance of n updates / Sigma, where m^n has just fallen below 0.01": _eq26(),
        "eq. 19: variance of the summed noise of the first batches of an epoch": _eq19(),
        "eq. 10: share of the effective rate reached after s updates": _lag(),
        "sec. 2: thresholds in units of 1/h": _thresholds(),
        "sec. 2: stationary variance, SGD over heavy ball (m = 0.9)": _variance_ratio(),
        "sec. 2: largest stable effective_lr, Gaussian least squares, d = 100, h = 1": _batch(),
        "fig. 2 caption: final loss, SGD over heavy ball (m = 0.9), theory twin": _caption(),
    }


def main() -> None:
    """Print every section."""
    print("\n\n".join("\n".join((f"# {title}", *lines)) for title, lines in sections().items()))


def _eq18() -> list[str]:
    rows = []
    for name, b, n in (
        ("figure 1", 32, 50_000),
        ("figures 2, 5", 1024, 50_000),
        ("a tenth", 1, 10),
        ("half", 1, 2),
        ("nine tenths", 9, 10),
    ):
        paper, exact = batches.paper_eq18_factor(b, n), batches.finite_population_factor(b, n)
        rows.append((name, f"{b / n:.4g}", f"{paper:.4f}", f"{exact:.4f}", f"{exact / paper:.3f}"))
    return text_table(("case", "B/N", "paper", "exact", "exact/paper"), rows)


def _eq24() -> list[str]:
    forms = {"exact": momentum_sums.first_sum(101, 0.9)} | momentum_sums.paper_eq24(100, 0.9)
    return text_table(("form", "value"), [(form, f"{value:.2f}") for form, value in forms.items()])


def _eq26() -> list[str]:
    rows = []
    for m in LISTED_MOMENTA:
        n = int(np.ceil(np.log(0.01) / np.log(m)))
        exact = momentum_sums.covariance(n, m)
        enough = np.ceil(momentum_sums.terms_for_shortfall(0.05, m))
        rows.append((f"{m:g}", f"{n}", f"{exact:.3f}", f"{1 - exact:.1%}", f"{enough:.0f}"))
    return text_table(("m", "n", "exact", "paper's excess", "n for 5%"), rows)


def _eq19() -> list[str]:
    rows = []
    for share in (0.01, 0.1, 0.5, 0.9, 1.0):
        n = share * 1000  # of 1,000 batches
        rows.append((f"{share:g}", f"{batches.sum_variance(n, 50, 50_000) / (n / 50):.2f}"))
    return text_table(("share of the epoch", "exact / independent"), rows)


def _lag() -> list[str]:
    updates = (1, 48, 4800)
    rows = [
        (f"{m:g}", *(f"{effective_steps.lag(s - 1, m):.4f}" for s in updates))
        for m in LISTED_MOMENTA
    ]
    return text_table(("m", "s = 1", "s = 48", "s = 4800"), rows)


def _thresholds() -> list[str]:
    rows = []
    for m in (0.0, *LISTED_MOMENTA):
        faster = stability.sgd_contracts_faster(1.0, m)
        window = f"{faster[0]:.3g} to {faster[1]:.4g}" if m else "-"
        limits = stability.oscillates_above(1.0, m), stability.stable_below(1.0, m)
        rows.append((f"{m:g}", *(f"{limit:.4g}" for limit in limits), window))
    return text_table(("m", "oscillates above", "stable below", "SGD contracts faster"), rows)


def _variance_ratio() -> list[str]:
    rows = [(f"{x:g}", f"{stationary.variance_ratio(x, 0.9):.3f}") for x in (0.01, 0.1, 0.5, 1, 2)]
    return text_table(("e_eff h", "ratio"), rows)


def _batch() -> list[str]:
    rows = []
    for b in (1, 8, 32, 128, 512, 1024, 4096, 16384):
        sgd, ball = (mean_square.isotropic_limit(b, 100, m) for m in (0.0, 0.9))
        rows.append((f"{b}", f"{sgd:.4g}", f"{ball:.4g}", f"{ball / sgd:.3g}"))
    return text_table(("B", "SGD", "m = 0.9", "ratio"), rows)


def _caption() -> list[str]:
    lrs = [2.0**k for k in range(-4, 2)]
    runs = [*lrs, *lrs], [0.0] * len(lrs) + [0.9] * len(lrs)
    model = noisy_quadratic.NoisyQuadratic()
    losses = noisy_quadratic.expected_losses(model, *runs, 1024, 50_000, WRN_SCHEDULE)[-1]
    ratios = losses[: len(lrs)] / losses[len(lrs) :]
    rows = [(f"{lr:g}", f"{ratio:.4f}") for lr, ratio in zip(lrs, ratios, strict=True)]
    return text_table(("effective_lr", "ratio"), rows)


if __name__ == "__main__":
    main()
