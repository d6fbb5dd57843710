"""The nine figures of Smith, Elsen & De (2019), from data to pictures: a table of contents.

    snakemake figures                           the demo study, on this machine
    snakemake figures --config study=paper      the whole paper, on this machine
    snakemake --profile slurm figures           the whole paper, on a cluster

One job is one run of the sweep; the executor `lanes` trains many of them in one process. Any other
executor trains them one by one and gets the same numbers.
"""


include: "workflow/rules/common.smk"


wildcard_constraints:
    study=STUDY.name,


rule figures:
    """All figures, and every run behind them; missing runs are trained."""
    input:
        [STUDY.table(figure) for figure in PLAN.figures],
        [PLAN.pictures(figure) for figure in PLAN.figures],
        PLAN.runs,


rule tables:
    """The tables of all figures."""
    input:
        [STUDY.table(figure) for figure in PLAN.figures],


rule runs:
    """All runs of the study's sweeps that are switched on."""
    input:
        PLAN.runs,


rule data:
    """All data sets that the study uses."""
    input:
        told(lambda _: [PREPARED.of_itself(name) for name in STUDY.used_datasets()]),


for figure in PLAN.figures:

    rule:
        """This figure, and every run behind it."""
        name:
            figure
        input:
            STUDY.table(figure),
            PLAN.pictures(figure),
            PLAN.runs_of(figure),


include: "workflow/rules/data.smk"


if not config["unfinished"]:  # drawing only what exists trains nothing

    include: "workflow/rules/train.smk"


include: "workflow/rules/tables.smk"
include: "workflow/rules/figures.smk"
include: "workflow/rules/claims.smk"
include: "workflow/rules/theory.smk"
include: "workflow/rules/measured.smk"
include: "workflow/rules/maps.smk"
include: "workflow/rules/report.smk"
include: "workflow/rules/audit.smk"
include: "workflow/rules/before.smk"
include: "workflow/rules/unknown.smk"
