# `spec` is all that a run's numbers depend on but code and data, as one keyed parameter (Snakemake
# compares parameters without their names). Resources change no number and trigger nothing: ready
# jobs of one `pack` are trained by one process, `lanes` at most (executor `lanes`).


rule train:
    """One run of the sweep."""
    input:
        data=lambda w: PLAN.data(STUDY.tasks[PLAN.run(**w).task].dataset),
    output:
        "results/{study}/runs/{task}/b{batch}/{optimizer}/lr{lr}/seed{seed}.parquet",
    log:
        "results/{study}/logs/{task}/b{batch}/{optimizer}/lr{lr}/seed{seed}.log",
    priority: 1
    conda:
        "../../envs/environment.yaml"
    resources:
        pack=lambda w: PLAN.run(**w).pack,
        lanes=lambda w: lanes(
            config["lanes"], STUDY.tasks[w.task], int(w.batch), config["device"]
        ),
        work=lambda w: work(STUDY, PLAN.run(**w)),
        device=config["device"],
        kernels=config["kernels"],
        convolutions=config["convolutions"],
        tree=Tree.wanted(STUDY.faithful, config["allow_dirty"]).value,
    params:
        spec=lambda w: canonical_json(STUDY.spec(PLAN.run(**w))),
        code=CODE["train"],
    shell:
        "largebatch train --spec {params.spec:q} --data {input.data:q} --out {output:q}"
        " --log {log:q} --device {resources.device} --tree {resources.tree}"
        " --kernels {resources.kernels} --convolutions {resources.convolutions}"
