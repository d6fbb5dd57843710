"""C28 on runs of the demo's size: momentum lags at first, and not where its bias is corrected."""

import pytest

from claims.synthetic import World, write_runs
from largebatch.analysis.claims.evaluate import evaluate
from largebatch.study import load_study

BIASED, CORRECTED = "momentum-0.999", "corrected-0.999"


def c28(root, speed: dict[str, float], enable=("corrected",), noise: float = 0.003) -> dict:
    """Its row, in a world where optimizers approach their final losses at these speeds."""
    (root / "config/studies/three.yaml").write_text("extends: demo\nseeds: [0, 1, 2]\n")
    study = load_study("three", root, enable)
    fig3 = study.runs_of("fig3")
    runs = [*fig3, *(run for run in study.runs if run.optimizer == CORRECTED)]
    write_runs(study, root, World(optimum=-7, speed=speed, noise=noise), runs)
    (row,) = (row for row in evaluate(study, root).to_pylist() if row["id"] == "C28")
    return row


def test_supported_where_the_correction_removes_the_lag(root):
    row = c28(root, {BIASED: 0.5})
    assert row["verdict"] == "supported"
    # fig3/2 has 5 optimizers, 5 rates and 3 seeds; the sweep 1, 2 and 3.
    assert row["runs"] == 75 + 6 and row["needs"] == "fig3/2 corrected-wrn"


@pytest.mark.parametrize(
    ("speed", "failing"),
    [
        ({BIASED: 0.5, CORRECTED: 0.5}, "mean over"),  # the bias is not what lags
        ({BIASED: 0.5, CORRECTED: 0.75}, "mean over"),  # it is half of what lags
        ({BIASED: 2.0}, "early"),  # momentum is ahead
    ],
)
def test_contradicted_where_a_part_is_wrong(root, speed, failing):
    row = c28(root, speed)
    assert row["verdict"] == "contradicted" and failing in row["reason"]


@pytest.mark.parametrize(("speed", "noise"), [({}, 0.003), ({BIASED: 0.5}, 2.0)])
def test_undecided_where_all_are_alike_or_noise_hides_it(root, speed, noise):
    row = c28(root, speed, noise=noise)
    assert (row["verdict"], row["open"]) == ("undecided", "interval")


def test_not_run_where_the_sweep_is_off(root):
    row = c28(root, {BIASED: 0.5}, enable=())
    assert row["verdict"] == "not run"
    assert row["reason"] == (
        "corrected-wrn is off; switch it on with `--config enable='[corrected]'`"
    )
