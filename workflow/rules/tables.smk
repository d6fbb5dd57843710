rule table:
    """The numbers that one figure shows, computed from its runs."""
    input:
        told(lambda w: PLAN.runs_of(w.figure)),
    output:
        "results/{study}/tables/{figure}.parquet",
    log:
        "results/{study}/logs/tables/{figure}.log",
    conda:
        "../../envs/environment.yaml"
    resources:
        pack="tables",
        lanes=100,
    params:
        settings=lambda w: canonical_json(STUDY.figure_settings(w.figure)),
        code=CODE["table"],
        unfinished=UNFINISHED,
    shell:
        "largebatch table {wildcards.figure} --study {wildcards.study} {params.unfinished}"
        " > {log:q} 2>&1"
