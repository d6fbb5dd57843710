rule prepare:
    """One data set, downloaded if necessary and made into tensors."""
    input:
        told(lambda w: PREPARED.of_files(w.dataset, workflow.dag_settings.targets)),
    output:
        "results/data/{dataset}.safetensors",
    log:
        "results/data/logs/{dataset}.log",
    priority: 2
    conda:
        "../../envs/environment.yaml"
    resources:
        downloads=config["downloads"],
    params:
        settings=lambda w: canonical_json(STUDY.datasets[w.dataset]),
        code=CODE["data"],
    # Progress bars go to the screen. Errors do not, here and in other rules: of a failed job, the log's last line is shown.
    shell:
        "largebatch data {wildcards.dataset} --settings {params.settings:q} --out {output:q}"
        " --downloads {resources.downloads:q} 2> {log:q}"
