rule audit:
    """Judge every output as it is now. It makes none of them, so it has no input."""
    log:
        f"results/{STUDY.name}/audit.txt",
    localrule: True
    conda:
        "../../envs/environment.yaml"
    params:
        study=config["study"],
        enable=ENABLE,
    shell:
        "largebatch audit --study {params.study:q} {params.enable} 2>&1 | tee {log:q}"


rule crate:
    """A Workflow Run RO-Crate of each figure and of the claims, with everything that made it."""
    input:
        [
            f"results/{STUDY.name}/crates/{name}/ro-crate-metadata.json"
            for name in (*PLAN.figures, "claims")
        ],


# The output is not directory(): Snakemake would put a file of its own into the crate.
rule one_crate:
    """The crate of one figure, or of the claims."""
    input:
        told(
            lambda w: (
                [*rules.claims.output, *PLAN.runs]
                if w.name == "claims"
                else [
                    *PLAN.pictures(w.name),
                    PLAN.table(w.name),
                    *PLAN.runs_of(w.name),
                ]
            )
        ),
    output:
        multiext(
            "results/{study}/crates/{name}/",
            "ro-crate-metadata.json",
            "manifest-sha256.txt",
        ),
    log:
        "results/{study}/logs/crates/{name}.log",
    localrule: True
    conda:
        "../../envs/environment.yaml"
    params:
        enable=ENABLE,
    shell:
        "largebatch crate {wildcards.name} --study {wildcards.study} {params.enable} > {log:q} 2>&1"
