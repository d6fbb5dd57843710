rule claims:
    """The paper's statements, each with a verdict; 'not run' if the study lacks its runs."""
    input:
        runs=PLAN.runs,
        measured=MEASURED,
    output:
        [f"results/{STUDY.name}/claims.{end}" for end in ("parquet", "md", "json")],
    log:
        f"results/{STUDY.name}/logs/claims.log",
    conda:
        "../../envs/environment.yaml"
    params:
        study=STUDY.name,
        # By a function, here and in other rules: in a plain string, Snakemake would take {L} of a title for a wildcard.
        settings=lambda _: CLAIMS,
        code=CODE["claims"],
        enable=ENABLE,
    shell:
        "largebatch claims --study {params.study} {params.enable} > {log:q} 2>&1"
