"""Drawing what exists: on request only, trains nothing, and does not pass for the whole."""

from checkout import Checkout
from test_incremental import FIG1, FIG2, SECOND, run

UNFINISHED = ("figures", "--config", "unfinished=true")


def test_draw_what_exists(checkout: Checkout) -> None:
    missing = SECOND | {run(seed=1)}
    for path in missing | FIG1 | FIG2:
        (checkout.root / path).unlink()
    assert checkout.makes(*UNFINISHED) == FIG1  # of fig2 there is nothing to draw
    svg = (checkout.root / "results/tiny/figures/fig1.svg").read_text()
    assert "unfinished" in svg.lower()
    assert "Nothing to be done" in checkout.snakemake("-n", *UNFINISHED)
    assert checkout.planned("figures") == missing | FIG1 | FIG2


def test_a_finished_study_is_not_enough_either(checkout: Checkout) -> None:
    """The same runs, drawn as unfinished, are drawn anew when the whole is wanted."""
    assert checkout.makes(*UNFINISHED) == FIG1 | FIG2
    assert checkout.makes("figures") == FIG1 | FIG2
