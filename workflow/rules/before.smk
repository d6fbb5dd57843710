# What would be wrong with the runs that this call trains is said once, before any job; the trainer checks again when it starts.

from largebatch.data.missing import missing_files
from largebatch.records import check_tree


onstart:
    # As long as something that was made from them exists, Snakemake says nothing.
    for dataset in STUDY.used_datasets():
        for sentence in missing_files(STUDY, dataset):
            logger.warning(
                f"largebatch: {sentence}; what was made from it stays as it is."
            )
    needed = list(workflow.dag.needrun_jobs())
    # Of jobs behind one that runs, Snakemake asks no more, not even of those to which its output is `ancient`.
    again = {job.wildcards.dataset for job in needed if job.rule.name == "prepare"}
    beyond = {job.rule.name for job in workflow.dag.jobs} - {"prepare", "data"}
    for dataset in filter(PREPARED.is_current, again if beyond else ()):
        logger.warning(
            f"largebatch: {PLAN.data(dataset)} is made again as it is; call Snakemake once more for "
            "what else may have changed."
        )
    trained = [job for job in needed if job.rule.name == "train"]
    unforced = [job for job in trained if not workflow.dag.reason(job).forced]
    try:
        PREPARED.check_needed(PLAN.run(**job.wildcards_dict) for job in unforced)
        if changes := check_tree(
            TREE if trained else Tree.ANY, Path(workflow.basedir)
        ):
            logger.warning(f"largebatch: {changes}")
    except UserError as error:
        # A WorkflowError would be printed with lines of this file.
        logger.error(f"largebatch: {error}")
        sys.exit(1)
