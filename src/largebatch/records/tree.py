"""A result should come from a commit: what is said, or refused, when the working tree is not one.

Without git nothing is known, so nothing is said; the records then name no commit.
"""

from enum import StrEnum
from pathlib import Path

from largebatch.errors import UserError
from largebatch.records.git import git_state


class Tree(StrEnum):
    """What a training asks of the working tree."""

    CLEAN = "clean"
    ANY = "any"

    @classmethod
    def wanted(cls, faithful: bool, allow_dirty: bool) -> "Tree":
        """A faithful study wants a clean tree, unless told otherwise."""
        return cls.CLEAN if faithful and not allow_dirty else cls.ANY


def uncommitted(root: Path) -> str | None:
    """`<file> and 2 more are not committed`, of what can change a number; None if all is."""
    changed = git_state(root).changed
    if not changed:
        return None
    more = f" and {len(changed) - 1} more are" if len(changed) > 1 else " is"
    return f"{changed[0]}{more} not committed"


def check_tree(wanted: Tree, root: Path) -> str | None:
    """What is worth saying before a training, if anything; UserError if `clean` is not met."""
    changes = uncommitted(root)
    if changes is None:
        return None
    if wanted is Tree.CLEAN:
        raise UserError(
            f"{changes}, and a faithful study is trained from a commit only; commit it, or set "
            "`allow_dirty: true` in config/config.yaml (for one call: `snakemake --config "
            "allow_dirty=true`, `largebatch train --tree any`), and the records keep the patch."
        )
    return f"{changes}; the records say so and keep the patch."
