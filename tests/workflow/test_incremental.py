"""After a change, exactly what depends on it is made again, and the dry run says so.

For one change of each kind, `makes` trains and draws, and compares that with the dry run. For the
other changes, only the dry run is checked.
"""

import shutil

import pytest
from checkout import Checkout

from largebatch.analysis.maps.planned import MAPS
from largebatch.analysis.theory.planned import ENDINGS

DATA = {"results/data/digits.safetensors"}


def run(task="first", optimizer="sgd", lr="0.1", seed=0, batch=64) -> str:
    return f"results/tiny/runs/{task}/b{batch}/{optimizer}/lr{lr}/seed{seed}.parquet"


def all_runs(task: str, seeds=(0, 1)) -> set[str]:
    return {
        run(task, optimizer, lr, seed)
        for optimizer in ("sgd", "momentum-0.9")
        for lr in ("0.1", "0.5")
        for seed in seeds
    }


def pictures(figure: str) -> set[str]:
    return {f"results/tiny/figures/{figure}.{ending}" for ending in ("pdf", "svg", "png", "json")}


def drawn(figure: str) -> set[str]:
    return {f"results/tiny/tables/{figure}.parquet"} | pictures(figure)


FIRST, SECOND = all_runs("first"), all_runs("second")
FIG1, FIG2 = drawn("fig1"), drawn("fig2")
CLAIMS = {f"results/tiny/claims.{end}" for end in ("parquet", "md", "json")}
MAPPED = {f"results/tiny/maps/{name}.{end}" for name in MAPS for end in ENDINGS}


def test_all_is_made_once(checkout: Checkout) -> None:
    assert set(checkout.files()) == DATA | FIRST | SECOND | FIG1 | FIG2
    assert "Nothing to be done" in checkout.snakemake("-n", "figures")


def test_what_is_deleted_is_made_again(checkout: Checkout) -> None:
    """A table as after a failure, when Snakemake deletes what may be incomplete."""
    (checkout.root / run(seed=1)).unlink()
    assert checkout.makes("figures") == {run(seed=1)} | FIG1
    (checkout.root / "results/tiny/figures/fig1.png").unlink()
    (checkout.root / "results/tiny/tables/fig2.parquet").unlink()
    assert checkout.planned() == pictures("fig1") | FIG2  # the default: all figures
    assert checkout.planned("fig2") == FIG2
    assert checkout.planned("tables") == {"results/tiny/tables/fig2.parquet"}
    report = CLAIMS | {f"results/tiny/report.{end}" for end in ("html", "json")}
    assert checkout.planned("report") == pictures("fig1") | FIG2 | report


@pytest.mark.parametrize(("target", "made"), [("claims", CLAIMS), ("maps", MAPPED)])
def test_a_deleted_run_is_made_again_for_what_is_made_from_all(
    checkout: Checkout, target: str, made: set[str]
) -> None:
    (checkout.root / run()).unlink()
    assert checkout.planned(target) == {run()} | made


def test_a_new_seed_and_a_setting_of_one_task(checkout: Checkout) -> None:
    checkout.edit_study(lambda study: study["sweeps"]["first"].update(seeds=[0, 1, 2]))
    checkout.edit_study(lambda study: study["tasks"]["second"].update(l2=1.0e-4))
    assert checkout.makes("figures") == all_runs("first", seeds=[2]) | FIG1 | SECOND | FIG2


def test_a_new_learning_rate_and_a_new_momentum(checkout: Checkout) -> None:
    checkout.edit_study(lambda s: s["sweeps"]["first"]["effective_lrs"].append(0.2))
    new = {run(optimizer=o, lr="0.2", seed=s) for o in ("sgd", "momentum-0.9") for s in (0, 1)}
    checkout.edit_study(lambda s: s["sweeps"]["second"]["optimizers"].append("momentum-0.99"))
    new |= {run("second", "momentum-0.99", lr, s) for lr in ("0.1", "0.5") for s in (0, 1)}
    assert checkout.planned("figures") == new | FIG1 | FIG2


def test_a_new_figure_of_old_runs_and_the_title_of_another(checkout: Checkout) -> None:
    checkout.edit_study(lambda s: s["figures"].update(fig3={**s["figures"]["fig1"], "title": "3"}))
    checkout.edit_study(lambda study: study["figures"]["fig2"].update(title="Another"))
    assert checkout.planned("figures") == drawn("fig3") | FIG2


def test_learning_rate_and_momentum_swapped(checkout: Checkout) -> None:
    """Snakemake compares parameters as a set without names, which would not see this."""

    def swap(study: dict) -> None:
        study["sweeps"]["first"].update(optimizers=["momentum-0.1"], effective_lrs=[0.9])

    def swap_back(study: dict) -> None:
        study["sweeps"]["first"].update(optimizers=["momentum-0.9"], effective_lrs=[0.1])

    checkout.edit_study(swap)
    new = {run(optimizer="momentum-0.1", lr="0.9", seed=seed) for seed in (0, 1)}
    assert checkout.changed_by(lambda: checkout.snakemake("figures")) == new | FIG1
    checkout.edit_study(swap_back)
    assert checkout.planned("figures") == FIG1


def test_two_settings_of_a_task_swapped(checkout: Checkout) -> None:
    """The same values under other keys: the set of values is unchanged, the runs are not."""
    checkout.edit_study(lambda s: s["tasks"]["first"]["model"].update(widths=[4, 16]))
    assert checkout.planned("runs") == FIRST | SECOND  # the second task is like the first


def test_comments_layout_lanes_and_device_change_nothing(checkout: Checkout) -> None:
    for file in ("training/worker.py", "data/prepare.py", "analysis/tables.py", "figures/draw.py"):
        checkout.append(f"src/largebatch/{file}", "\n\n\n# a comment\n")
    assert checkout.planned("figures", "--config", "lanes=1", "device=cpu") == set()


def test_training_code_of_one_kind_of_model(checkout: Checkout) -> None:
    """The study's other runs are of auto-encoders; nothing in it is a residual network."""
    checkout.edit_study(add_an_lstm)
    lstm = {run("text", lr="1")}
    assert checkout.makes("runs") == lstm | {"results/data/markov.safetensors"}
    for kind, file, stale in (
        ("wrn", "kernels/norm_relu.py", set()),
        ("lstm", "kernels/lstm_recurrence.py", lstm),
        ("autoencoder", "models/autoencoder.py", lstm | FIRST | SECOND),
    ):
        checkout.append(f"src/largebatch/{file}", "\nEDITED = True\n")
        assert checkout.planned("runs") == stale, kind


def add_an_lstm(study: dict) -> None:
    study["datasets"]["markov"] = {
        "source": "markov", "vocabulary": 16, "branching": 4, "train_tokens": 1024,
        "test_tokens": 1024, "seed": 0,
    }  # fmt: skip
    study["tasks"]["text"] = {
        "dataset": "markov",
        "model": {
            "kind": "lstm", "layers": 1, "hidden": 8, "unroll": 4, "dropout": 0,
            "init_scale": 0.1, "time_reduction": "sum", "hidden_state": "carry",
            "batchify": "contiguous",
        },
        "epochs": 1, "schedule": {"kind": "constant"}, "l2": 0, "l2_on": "all",
        "last_batch": "drop", "precision": "fp32",
    }  # fmt: skip
    study["sweeps"]["text"] = {
        "task": "text", "batch": 64, "optimizers": ["sgd"], "effective_lrs": [1], "seeds": [0],
    }  # fmt: skip


def test_drawing_code(checkout: Checkout) -> None:
    checkout.append("src/largebatch/figures/draw.py", "\nEDITED = True\n")
    assert checkout.planned("figures") == pictures("fig1") | pictures("fig2")


def test_force_all(checkout: Checkout) -> None:
    assert checkout.makes("figures", "-F") == DATA | FIRST | SECOND | FIG1 | FIG2


def test_force_one_run(checkout: Checkout) -> None:
    """A run that is made again is the same, and so are its table and pictures."""
    before = checkout.files()
    assert checkout.makes("figures", "-R", run(seed=1)) == {run(seed=1)} | FIG1
    for path in pictures("fig1") - {"results/tiny/figures/fig1.json"}:
        assert checkout.files()[path][0] == before[path][0]


def test_the_same_data_again(checkout: Checkout) -> None:
    """As in a clone, which has runs but no data: only the data's content counts, not their age."""
    measured = {f"results/tiny/measured/fig1.{end}" for end in ENDINGS}
    checkout.snakemake(*measured)
    (checkout.root / next(iter(DATA))).unlink()
    assert checkout.planned(*measured, "--force") >= DATA
    checkout.snakemake("data")
    assert checkout.planned("figures", *measured) == set()
    (checkout.root / run()).unlink()
    new = {run()} | FIG1 | measured
    assert checkout.planned("figures", *measured) == new
    checkout.edit_study(lambda study: study["sweeps"]["first"].update(seeds=[0, 1, 2]))
    assert checkout.planned("figures", *measured) == all_runs("first", seeds=[2]) | new


def test_beyond_data_that_are_made_again_as_they_are(checkout: Checkout) -> None:
    """Snakemake does not look, which is told; nothing is trained again."""
    ledger, once_more = (
        checkout.root / "config/claims.yaml",
        "call Snakemake once more for what else",
    )
    ledger.write_text(ledger.read_text().replace("alpha: 0.05", "alpha: 0.1"))
    assert once_more not in checkout.snakemake("data", "-R", "prepare")
    assert once_more in checkout.snakemake("claims", "-R", "prepare")
    assert checkout.makes("figures", "claims") == CLAIMS


def test_stored_runs_whose_data_are_not_prepared(checkout: Checkout) -> None:
    """As in a clone into which the data were copied: none is trained to learn what they are."""
    files = {split: f"my-{split}" for split in ("train", "test")}
    for file in files.values():
        (checkout.root / file).write_text("one two three\n" * 500 + f"{file}\n")

    def with_text(study: dict) -> None:
        add_an_lstm(study)
        study["datasets"]["markov"] = {"source": "text", **files}

    checkout.edit_study(with_text)
    checkout.snakemake("runs")
    shutil.rmtree(checkout.root / ".snakemake")
    (checkout.root / "results/data/markov.safetensors").unlink()
    for file in files.values():
        (checkout.root / file).touch()
    assert checkout.planned("runs") == set()

    checkout.edit_study(lambda study: study["sweeps"]["text"].update(seeds=[0, 1]))
    before = checkout.files()
    said = checkout.snakemake("runs", code=1)
    assert "stored runs (1) would be trained again only because this is missing" in said
    assert checkout.files() == before
    checkout.snakemake("data")
    assert checkout.planned("runs") == {run("text", lr="1", seed=1)}
    checkout.edit_study(lambda study: study["tasks"]["text"].update(epochs=2))
    assert checkout.planned("runs") == {run("text", lr="1", seed=seed) for seed in (0, 1)}


def test_stored_runs_whose_data_were_prepared_by_other_code(checkout: Checkout) -> None:
    """None is trained again to learn whether the new code prepares the same data, as here."""
    checkout.append("src/largebatch/data/prepare.py", "\nX = 1\n")
    before = checkout.files()
    said = checkout.snakemake("figures", code=1)
    assert "stored runs (16) would be trained again only because this was prepared by other" in said
    assert checkout.files() == before
    checkout.snakemake("data")
    assert checkout.planned("figures") == set()


def test_data_under_a_name_that_another_study_uses(checkout: Checkout) -> None:
    text = checkout.study_file.read_text()
    (checkout.root / "config/studies/other.yaml").write_text(text)
    checkout.edit_study(lambda study: study["datasets"]["digits"].update(test_examples=300))
    warning = "results/data/digits.safetensors will be replaced, but the study other has runs of it"
    assert warning not in checkout.snakemake("-n", "data")
    (checkout.root / "results/other/runs").mkdir(parents=True)
    assert warning in checkout.snakemake("-n", "data")


def test_other_data(checkout: Checkout) -> None:
    """They are used in the call that prepares them, and in the call after it."""
    checkout.edit_study(lambda study: study["datasets"]["digits"].update(test_examples=300))
    everything = FIRST | SECOND | FIG1 | FIG2
    assert checkout.planned("figures") == DATA | everything
    checkout.snakemake("data")
    assert checkout.planned("figures") == everything


def test_a_file_of_ones_own_that_is_not_there_is_told(checkout: Checkout) -> None:
    """Snakemake itself keeps what was made from the missing files, and says nothing."""
    files = {split: f"my/{split}.parquet" for split in ("train", "test")}
    own = {"source": "parquet-images", **files}
    checkout.edit_study(lambda study: study["datasets"].update(digits=own))
    (checkout.root / "results/tiny/tables/fig1.parquet").unlink()
    said = checkout.snakemake("figures", code=1)
    for file in files.values():
        assert f"there is no file {file}; put it there, or correct its name; what" in said


def test_data_of_ones_own(fresh: Checkout) -> None:
    """An edited text file is prepared again; its name may look like that of a rule."""
    files = {split: f"my-{split}" for split in ("train", "test")}
    for file in files.values():
        (fresh.root / file).write_text("one two three\n" * 20 + f"{file}\n")
    fresh.edit_study(lambda s: s["datasets"].update(mine={"source": "text", **files}))
    prepared = "results/data/mine.safetensors"
    fresh.snakemake(prepared)
    assert fresh.planned(prepared) == set()
    fresh.append(files["train"], "four\n")
    assert fresh.makes(prepared) == {prepared}
