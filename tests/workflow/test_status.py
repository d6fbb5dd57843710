"""`largebatch status` while packs run, after they failed, and after they were stopped."""

import os
import signal

from checkout import Checkout, wait_for
from test_failures import trainers
from test_incremental import SECOND, run

ENDLESS = 10**6


def test_states(fresh: Checkout) -> None:
    fresh.edit_study(lambda study: study["tasks"]["second"].update(epochs=ENDLESS))
    assert fresh.largebatch("status").splitlines()[2].split()[1:6] == ["0", "0", "0", "8", "0"]
    snakemake = fresh.start("snakemake", "-c2", "runs")
    try:
        wait_for(lambda: (fresh.root / run()).exists())
        wait_for(lambda: list(fresh.root.glob(".snakemake/lanes/*/progress.json")))
        said = fresh.largebatch("status")
        lines = said.splitlines()
        assert lines[2].split() == ["fig2", "0", "0", "8", "0", "0", "no"]
        assert "running: second/b64, epoch " in said and f"of {ENDLESS}, about " in said
        assert ", 8 runs" in said
        wait_for(lambda: len(trainers(fresh)) == 1)
        os.kill(*trainers(fresh), signal.SIGKILL)
        snakemake.communicate(timeout=60)
        said = fresh.largebatch("status")
        assert said.splitlines()[2].split() == ["fig2", "0", "0", "0", "0", "8", "no"]
        assert said.count("failed: second/b64/") == len(SECOND)
    finally:
        snakemake.kill()


def test_stopped_is_waiting(fresh: Checkout) -> None:
    fresh.edit_study(lambda study: study["tasks"]["second"].update(epochs=ENDLESS))
    snakemake = fresh.start("snakemake", "-c2", "runs")
    wait_for(lambda: list(fresh.root.glob(".snakemake/lanes/*/progress.json")))
    snakemake.send_signal(signal.SIGTERM)
    snakemake.communicate(timeout=60)
    states = fresh.largebatch("status").splitlines()[2].split()[1:6]
    assert states == ["0", "0", "0", "8", "0"]


def test_a_damaged_file_is_told_and_hides_nothing(checkout: Checkout) -> None:
    path = checkout.root / run()
    path.write_bytes(path.read_bytes()[:-100])
    lines = checkout.largebatch("status").splitlines()
    assert [line.split()[1:6] for line in lines[1:3]] == [list("70001"), list("80000")]
    (told,) = [line for line in lines if line.startswith("failed: ")]
    again = f"snakemake {run()} --config study=tiny"
    assert told.endswith(f"its file is damaged; delete it and run `{again}`")


def test_long_names_keep_the_columns(fresh: Checkout) -> None:
    figures = {"fig1": "small-and-large-batches", "fig2": "fig2"}
    fresh.edit_study(
        lambda study: study.update(figures={figures[k]: v for k, v in study["figures"].items()})
    )
    head, *lines = fresh.largebatch("status").splitlines()
    assert [len(line.removesuffix("no")) for line in lines] == [len(head.removesuffix("drawn"))] * 2
