"""What the executor and `largebatch status` both know of the folders of packs.

Here and not with the executor, since whoever imports that loads Snakemake.
"""

from pathlib import Path

SPOOL = Path(".snakemake/lanes")
# How packs are marked whose end nobody saw: local ones, and those of SLURM.
WITH_SNAKEMAKE = "ended with its Snakemake"
WITHOUT_SNAKEMAKE = "ended while no Snakemake was running"
UNSEEN = frozenset({WITH_SNAKEMAKE, WITHOUT_SNAKEMAKE})
NO_SUCH_CONTENT = (ValueError, KeyError, TypeError, AttributeError)  # of a file that is not ours
