rule audit:
    """Judge every output as it is now. It makes none of them, so it has no input."""
    log:
        f"results/{STUDY.name}/audit.txt",
    localrule: True
    conda:
        "../../envs/environment.yaml"
    params:
        study=STUDY.name,
        enable=ENABLE,
    shell:
        "largebatch audit --study {params.study:q} {params.enable} 2>&1 | tee {log:q}"


# Snakemake deletes outputs before a job and after one that failed, so this has none: a refused export leaves the crate that is
# there. Nor could it tell when a crate is out of date, since that holds sources, which are no inputs here.
rule crate:
    """A Workflow Run RO-Crate of each figure and of the claims, with everything that made it."""
    input:
        [PLAN.pictures(figure) for figure in PLAN.figures],
        [STUDY.table(figure) for figure in PLAN.figures],
        PLAN.runs,
        rules.claims.output,
    log:
        f"results/{STUDY.name}/logs/crates.log",
    localrule: True
    conda:
        "../../envs/environment.yaml"
    params:
        names=[*PLAN.figures, "claims"],
        study=STUDY.name,
        enable=ENABLE,
    shell:
        "largebatch crate {params.names} --study {params.study:q} {params.enable} 2>&1 | tee {log:q}"
