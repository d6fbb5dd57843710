"""What the executor and `largebatch status` both know of the folders of packs.

Here and not with the executor, since whoever imports that loads Snakemake.
"""

import json
import os
from pathlib import Path

from largebatch.training.leases.holder import is_gone, myself

SPOOL = Path(".snakemake/lanes")
# How packs are marked whose end nobody saw: local ones, and those of SLURM.
WITH_SNAKEMAKE = "ended with its Snakemake"
WITHOUT_SNAKEMAKE = "ended while no Snakemake was running"
UNSEEN = frozenset({WITH_SNAKEMAKE, WITHOUT_SNAKEMAKE})
NO_SUCH_CONTENT = (ValueError, KeyError, TypeError, AttributeError)  # of a file that is not ours


def is_there(path: Path | str) -> bool:
    """Does it exist? Raises OSError where the file system does not say, being away for a moment.

    From Python 3.14 on, `Path.exists` answers no to that.
    """
    try:
        os.stat(path)
    except (FileNotFoundError, NotADirectoryError):
        return False
    return True


def is_left(pack: Path, elsewhere: bool) -> bool:
    """Did a local pack end with its Snakemake, in a power cut say, with nobody to note it?

    elsewhere: the answer if its Snakemake ran on another host or its file does not say where, so
    that nobody here can know.
    """
    try:
        if any(is_there(pack.with_name(name)) for name in ("ended", "batch.sh")):
            return False  # it was noted, or SLURM has the pack, with or without a Snakemake
        holder, mine = json.loads(pack.read_text())["holder"], myself()
        if holder["machine"] == mine["machine"]:
            return is_gone(holder)
        return elsewhere or holder["host"] == mine["host"]
    except OSError:
        return False
    except NO_SUCH_CONTENT:
        return elsewhere
