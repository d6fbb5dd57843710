"""Results should come from a commit: warn or refuse when the working tree differs from it.

Without git nothing is known, so there is no warning, and the records name no commit.
"""

from enum import StrEnum
from pathlib import Path

from largebatch.errors import UserError
from largebatch.records.git import GitState, git_state


class Tree(StrEnum):
    """What a training requires of the working tree."""

    CLEAN = "clean"
    ANY = "any"

    @classmethod
    def wanted(cls, faithful: bool, allow_dirty: bool) -> "Tree":
        """A faithful study requires a clean tree, unless a dirty one is allowed."""
        return cls.CLEAN if faithful and not allow_dirty else cls.ANY


def uncommitted(state: GitState) -> str | None:
    """`<file> and 2 more are not committed`, of files that can change a number; None if all are."""
    if state.patch is None:
        return "git fails, so it is not known what is committed (`git status; git diff` tell why)"
    changed = state.changed
    if not changed:
        return None
    more = f" and {len(changed) - 1} more are" if len(changed) > 1 else " is"
    return f"{changed[0]}{more} not committed"


def check_tree(wanted: Tree, root: Path) -> str | None:
    """A warning to print before training, if any; UserError if `clean` is wanted and not met."""
    state = git_state(root)
    changes = uncommitted(state)
    if changes is None:
        return None
    if wanted is Tree.CLEAN:
        raise UserError(
            f"{changes}, but a faithful study (or `--tree clean`) trains only from a commit; "
            "commit the changes, or set `allow_dirty: true` in config/config.yaml (for one call: "
            "`snakemake --config allow_dirty=true`, `largebatch train --tree any`), and the "
            "records keep the patch."
        )
    return f"{changes}; the records say so{' and keep the patch' if state.patch else ''}."
