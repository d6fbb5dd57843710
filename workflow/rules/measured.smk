# Only `snakemake measured` makes these: it trains chosen runs again (docs/theory.md).

from largebatch.analysis.theory.planned import ENDINGS


rule measured:
    """Curvature and gradient noise along chosen runs of all figures."""
    input:
        [f"results/{STUDY.name}/measured/{f}.parquet" for f in STUDY.figures],


rule measure:
    """Curvature and gradient noise along chosen runs of one figure."""
    input:
        table="results/{study}/tables/{figure}.parquet",
        data=told(
            lambda w: [
                PREPARED.of_measured(
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
        " --device {resources.device} 2>> {log:q} | tee -a {log:q}"
