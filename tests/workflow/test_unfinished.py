"""What exists is drawn only on request, trains nothing, and does not pass for the whole."""

from checkout import Checkout
from test_incremental import FIG1, FIG2, SECOND, run

UNFINISHED = ("figures", "--config", "unfinished=true")


def test_draw_what_exists(checkout: Checkout) -> None:
    missing = SECOND | {run(seed=1)}
    for path in missing | FIG1 | FIG2:
        (checkout.root / path).unlink()
    assert checkout.makes(*UNFINISHED) == FIG1  # fig2 has nothing to draw
    svg = (checkout.root / "results/tiny/figures/fig1.svg").read_text()
    assert "unfinished" in svg.lower()
    drawn = [line.split()[-1] for line in checkout.largebatch("status").splitlines()[1:3]]
    assert drawn == ["unfinished", "no"]
    assert "Nothing to be done" in checkout.snakemake("-n", *UNFINISHED)
    assert checkout.planned("figures") == missing | FIG1 | FIG2


def test_a_finished_study_is_not_enough_either(checkout: Checkout) -> None:
    """Runs that were drawn as unfinished are drawn anew when the whole is wanted."""
    assert checkout.makes(*UNFINISHED) == FIG1 | FIG2
    assert checkout.planned("figures") == FIG1 | FIG2


def test_runs_of_other_settings_do_not_pass_for_the_study_s(checkout: Checkout) -> None:
    """They are neither drawn nor counted; the study's own runs are untouched."""
    checkout.edit_study(lambda study: study["tasks"]["second"].update(l2=0.25))
    assert set(checkout.largebatch("runs", "--missing").split()) == SECOND
    states = [line.split()[1:6] for line in checkout.largebatch("status").splitlines()[1:3]]
    assert states == [list("80000"), list("00080")]
    assert checkout.makes(*UNFINISHED) == FIG1
