# The theory needs neither data nor runs (docs/theory.md).

from largebatch.analysis.theory.planned import (
    general_files,
    theory_files,
    theory_settings,
    twin_files,
)


rule theory:
    """The theory twin of each figure, and the theory's own figures."""
    input:
        theory_files(STUDY),


rule twins:
    """The theory twins of all figures, made by one process."""
    output:
        twin_files(STUDY),
    log:
        f"results/{STUDY.name}/logs/twins.log",
    conda:
        "../../envs/environment.yaml"
    params:
        study=STUDY.name,
        settings=lambda _: canonical_json(theory_settings(STUDY)),
        code=CODE["twins"],
    shell:
        "largebatch theory --study {params.study} 2>> {log:q} | tee -a {log:q}"


rule general_theory:
    """The theory's own figures, which belong to no study."""
    output:
        general_files(),
    log:
        "results/theory/theory.log",
    conda:
        "../../envs/environment.yaml"
    params:
        code=CODE["theory"],
    shell:
        "largebatch theory --general > {log:q} 2>&1"
