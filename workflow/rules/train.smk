# `spec` is everything that a run's numbers depend on except code and data. It is one parameter with
# keys inside, since Snakemake compares parameters without their names. `code` is the digest of the
# code that trains this kind of model. Resources change no number and trigger nothing: the executor
# `lanes` trains ready jobs of one `pack` in one process, at most `lanes` at a time.

from largebatch.study.lanes import work


rule train:
    """One run of the sweep."""
    input:
        # Data that are prepared again do not retrain a run whose record names the same data.
        data=told(lambda w: PREPARED.of_run(PLAN.run(**w))),
    output:
        "results/{study}/runs/{task}/b{batch}/{optimizer}/lr{lr}/seed{seed}.parquet",
    log:
        "results/{study}/logs/{task}/b{batch}/{optimizer}/lr{lr}/seed{seed}.log",
    priority: 1
    conda:
        "../../envs/environment.yaml"
    resources:
        pack=lambda w: PLAN.run(**w).pack,
        lanes=lambda w: PACKS.lanes(PLAN.run(**w)),
        work=lambda w: work(STUDY, PLAN.run(**w)),
        device=config["device"],
        kernels=config["kernels"],
        convolutions=config["convolutions"],
        tree=TREE.value,
        # For a cluster, from config/cluster.yaml; the names are those of the stock SLURM executor.
        runtime=lambda w, attempt: PACKS.minutes(PLAN.run(**w), attempt),
        mem_mb=lambda w, attempt: PACKS.megabytes(PLAN.run(**w), attempt),
        cpus_per_task=lambda w: CLUSTER.of(w.task).cpus,
        gpu=lambda w: CLUSTER.of(w.task).gpus,
        gpu_mb=lambda w: PACKS.device_mb(PLAN.run(**w)),
        gpu_model=lambda w: CLUSTER.of(w.task).gpu_model,
        slurm_account=lambda w: CLUSTER.of(w.task).account,
        slurm_partition=lambda w: CLUSTER.of(w.task).partition,
        slurm_extra=lambda w: CLUSTER.of(w.task).extra,
        qos=lambda w: CLUSTER.of(w.task).qos,
        constraint=lambda w: CLUSTER.of(w.task).constraint,
        setup=CLUSTER.setup,
        launcher=CLUSTER.launcher,
        notice=CLUSTER.notice,
        concurrency=CLUSTER.concurrency,
    params:
        spec=lambda w: canonical_json(STUDY.spec(PLAN.run(**w))),
        code=told(lambda w: TRAINING(STUDY.tasks[w.task].model["kind"])["digest"]),
    shell:
        "largebatch train --spec {params.spec:q} --data {input.data:q} --out {output:q}"
        " --log {log:q} --device {resources.device} --tree {resources.tree}"
        " --kernels {resources.kernels} --convolutions {resources.convolutions}"
