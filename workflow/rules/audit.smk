rule audit:
    """Judge the figures as they lie there; nothing is made, so there is no input."""
    log:
        f"results/{STUDY.name}/audit.txt",
    localrule: True
    conda:
        "../../envs/environment.yaml"
    params:
        study=config["study"],
    shell:
        "largebatch audit --study {params.study:q} 2>&1 | tee {log:q}"


rule crate:
    """Every figure with all that made it, as a Workflow Run RO-Crate."""
    input:
        [
            f"results/{STUDY.name}/crates/{figure}/ro-crate-metadata.json"
            for figure in PLAN.figures
        ],


# No directory() as output: Snakemake would put a file of its own into the crate.
rule export:
    """One figure's crate."""
    input:
        lambda w: [
            *PLAN.pictures(w.figure),
            PLAN.table(w.figure),
            *PLAN.runs_of(w.figure),
        ],
    output:
        multiext(
            "results/{study}/crates/{figure}/",
            "ro-crate-metadata.json",
            "manifest-sha256.txt",
        ),
    log:
        "results/{study}/logs/crates/{figure}.log",
    localrule: True
    conda:
        "../../envs/environment.yaml"
    shell:
        "largebatch crate {wildcards.figure} --study {wildcards.study} > {log:q} 2>&1"
