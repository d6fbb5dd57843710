rule prepare:
    """One data set, fetched if need be and made into tensors."""
    output:
        "results/data/{dataset}.safetensors",
    log:
        "results/data/logs/{dataset}.log",
    priority: 2
    params:
        settings=lambda w: canonical_json(STUDY.datasets[w.dataset]),
        code=CODE["data"],
    shell:
        "largebatch data {wildcards.dataset} --study {STUDY.name} --out {output:q}"
        " --downloads {config[downloads]:q} 2>&1 | tee {log:q}"
