# The theory needs no data and no run: one process makes all its figures (docs/theory.md).

from largebatch.analysis.theory.planned import theory_files, theory_settings


rule theory:
    """The theory twin of each figure, and the theory's own figures."""
    output:
        theory_files(STUDY),
    log:
        f"results/{STUDY.name}/logs/theory.log",
    conda:
        "../../envs/environment.yaml"
    params:
        study=STUDY.name,
        settings=canonical_json(theory_settings(STUDY)),
        code=code_digest("theory")["digest"],
    shell:
        "largebatch theory --study {params.study} 2>&1 | tee {log:q}"
