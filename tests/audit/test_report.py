"""What is printed."""

import json
import re
from dataclasses import replace
from pathlib import Path

from largebatch.audit import Finding, Question, Report, Verdict, full_text, one_line
from largebatch.audit.chain.chain import Chain
from largebatch.audit.evidence.reader import Reader
from largebatch.audit.subjects.of_study import subjects

RUN = "results/tiny/runs/net_dots/b8/sgd/lr0.5/seed0.parquet"
TABLE = "results/tiny/tables/fig3.parquet"


def test_the_lines_of_a_verified_figure(checkout):
    report = checkout.audit(build=checkout.build_of, draw=checkout.draw_of)
    text = full_text(report)
    assert re.match(r"fig1 +Dots +VERIFIED +1 note\n", text)
    for line in (
        r"intact\? +yes",
        r"current\? +yes",
        r"reproduced\? +yes",
        r"figure +fig1\.pdf fig1\.png fig1\.svg +intact +identity [0-9a-f]{8}",
        r"table +results/tiny/tables/fig1\.parquet +intact",
        r"runs +8 of 8 +intact +2 diverged, 6 finished",
        r"data +results/data/dots\.safetensors +intact",
        r"code +data +unchanged +1 module, [0-9a-f]{7}",
        r" +train net +unchanged +5 modules",
        r"environment +envs/pipeline\.lock +unchanged",
        r"git +[0-9a-f]{7} clean +intact +11 artefacts",
        r"anchor +results/figures\.lock +not checked",
        r"rebuilt +table and figure +intact +identical bytes: pdf, png, svg",
        r"rerun +not checked +ask with --rerun N",
        r"note +2 runs diverged; the figure says so",
    ):
        assert re.search(line, text), line
    assert all(len(line) < 120 for line in text.splitlines())


def test_the_lines_of_a_damaged_figure(checkout):
    checkout.path(RUN).write_bytes(b"nothing")
    checkout.edit("src/largebatch/training/schedule.py", "0.5", "0.25")
    report = checkout.audit()
    text = full_text(report)
    assert re.match(r"fig1 +Dots +TAMPERED, STALE", text)
    assert re.search(rf"runs +{RUN} +TAMPERED +it is truncated or damaged", text)
    assert re.search(r"code +train net +STALE +changed since [0-9a-f]{7}: 7 of 7", text)
    assert "largebatch.training.schedule" in text and "everything else is as it should be" in text
    assert re.search(r"repair +snakemake fig1 --forcerun train --config study=tiny", text)
    assert len(full_text(report, everything=True).splitlines()) > len(text.splitlines())


def eight_runs(checkout) -> tuple[str, ...]:
    return tuple(run.path for run in checkout.study.runs[:8])


def command(study, *remake: str, runs: tuple[str, ...]) -> str:
    stale = Finding("code", Question.CURRENT, Verdict.STALE, "train", remake=remake)
    fig3 = subjects(study, Path())["fig3"]
    chain = Chain(replace(fig3, runs=lambda: runs), Reader(study, Path()))
    [line] = Report(chain, (stale,)).repair
    return line


def test_the_command_names_the_rule_only_where_it_means_the_same(checkout):
    runs = eight_runs(checkout)
    line = command(checkout.study, *runs, TABLE, runs=runs)
    assert line == f"snakemake fig3 --forcerun train {TABLE} --config study=tiny"
    assert runs[0] in command(checkout.study, *runs[:2], runs=runs[:2])


def test_the_command_is_short_however_much_is_stale(checkout):
    """Few files are named; many, which are not all of the runs, are asked of the audit."""
    runs = eight_runs(checkout)
    line = command(checkout.study, *runs[:4], runs=runs)
    assert line == f"snakemake fig3 --forcerun {' '.join(runs[:4])} --config study=tiny"
    line = command(checkout.study, *runs[:5], runs=runs)
    asked = "$(largebatch audit fig3 --study tiny --remake)"
    assert line == f"snakemake fig3 --forcerun {asked} --config study=tiny"
    assert command(checkout.study, *runs, *runs[:1], runs=runs[:7]) == line


def test_the_commands_switch_on_the_same_groups(checkout):
    """Else the claims would be decided again without the runs of these."""
    sweeps = {name: replace(s, group="extra") for name, s in checkout.study.sweeps.items()}
    study = replace(checkout.study, sweeps=sweeps)
    line = command(study, *eight_runs(checkout)[:5], runs=())
    asked = "$(largebatch audit fig3 --study tiny --enable extra --remake)"
    assert line == f"snakemake fig3 --forcerun {asked} --config study=tiny 'enable=[extra]'"
    off = {name: replace(sweep, enabled=False) for name, sweep in sweeps.items()}
    line = command(replace(study, sweeps=off), TABLE, runs=())
    assert line == f"snakemake fig3 --forcerun {TABLE} --config study=tiny"


def test_the_facts_as_json(checkout):
    checkout.path(RUN).unlink()
    facts = json.loads(json.dumps(checkout.audit().to_dict()))
    assert facts["verdict"] == "MISSING" and facts["exit_code"] == 2
    assert (facts["intact"], facts["current"], facts["reproduced"]) == ("no", "yes", "not checked")
    missing = [finding for finding in facts["findings"] if finding["verdict"] == "MISSING"]
    assert missing[0]["what"] == RUN and facts["repair"]


def test_one_line_a_figure(checkout):
    assert re.fullmatch(r"fig3 +Momenta +VERIFIED +1 note", one_line(checkout.audit("fig3")))


def test_records_are_put_together_once(checkout):
    chain = checkout.audit().chain
    assert chain.records is chain.records and chain.all_records is chain.all_records
    assert len(chain.all_records) == sum(map(len, chain.records.values())) == 8 + 3
