# Off by default, because it trains chosen runs again (docs/theory.md): `snakemake measured`.

from largebatch.analysis.theory.planned import ENDINGS


rule measured:
    """Curvature and gradient noise of every figure's runs."""
    input:
        [f"results/{STUDY.name}/measured/{f}.parquet" for f in STUDY.figures],


rule measure:
    """Curvature and gradient noise of one figure's runs."""
    input:
        table="results/{study}/tables/{figure}.parquet",
        data=told(
            lambda w: [
                PREPARED.input(
                    f"results/{w.study}/measured/{w.figure}.parquet", dataset
                )
                for dataset in STUDY.datasets_of(w.figure)
            ]
        ),
    output:
        [f"results/{{study}}/measured/{{figure}}.{end}" for end in ENDINGS],
    log:
        "results/{study}/logs/measured/{figure}.log",
    conda:
        "../../envs/environment.yaml"
    resources:
        device=config["device"],
    params:
        settings=lambda w: canonical_json(STUDY.figure_settings(w.figure)),
        code=[CODE["measure"], CODE["measured"]],
    shell:
        "largebatch measure --study {wildcards.study} --figure {wildcards.figure}"
        " --device {resources.device} 2>&1 | tee {log:q}"
