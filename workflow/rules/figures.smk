from largebatch.figures.face import labels


rule figure:
    """The pictures of one figure, drawn from its table; nothing is computed."""
    input:
        "results/{study}/tables/{figure}.parquet",
    output:
        multiext("results/{study}/figures/{figure}", ".pdf", ".png", ".json"),
        report(
            "results/{study}/figures/{figure}.svg",
            caption="../report/figure.rst",
            category="Figures",
            # Snakemake would take {L} in a title for a wildcard; a word joiner, which nobody sees, prevents that.
            labels=lambda w: {
                name: words.replace("{", "{\u2060")
                for name, words in labels(STUDY.figure_settings(w.figure)).items()
            },
        ),
    log:
        "results/{study}/logs/figures/{figure}.log",
    conda:
        "../../envs/environment.yaml"
    resources:
        pack="figures",
        lanes=100,
    params:
        settings=lambda w: canonical_json(STUDY.figure_settings(w.figure)),
        code=CODE["figure"],
        unfinished=UNFINISHED,
    shell:
        "largebatch figure {wildcards.figure} --study {wildcards.study} {params.unfinished}"
        " > {log:q} 2>&1"
