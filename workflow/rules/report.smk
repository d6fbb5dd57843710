# `snakemake --report` writes Snakemake's own page, in a call of its own; this page is an ordinary target.

from largebatch.figures.paged import report_name, report_settings


rule report:
    """All figures on one page, which shows their numbers under the mouse."""
    input:
        [STUDY.table(figure) for figure in PLAN.figures],
        [PLAN.pictures(figure) for figure in PLAN.figures],
        rules.claims.output,
    output:
        multiext(report_name(STUDY), ".html", ".json"),
    log:
        f"results/{STUDY.name}/logs/report.log",
    conda:
        "../../envs/environment.yaml"
    params:
        study=STUDY.name,
        settings=lambda _: canonical_json(report_settings(STUDY)),
        code=CODE["report"],
        enable=ENABLE,
        unfinished=UNFINISHED,
    shell:
        "largebatch report --study {params.study:q} {params.enable} {params.unfinished} --audit"
        " > {log:q} 2>&1"
