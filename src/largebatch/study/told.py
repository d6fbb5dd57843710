"""How the functions of a Snakefile refuse: in one sentence."""

from collections.abc import Callable
from functools import wraps

from largebatch.errors import UserError


def told(function: Callable) -> Callable:
    """The function of a rule; the UserError that it raises ends Snakemake, exit code 1.

    Snakemake prints what else it raises with wildcards and lines of ours.
    """

    @wraps(function)
    def telling(*arguments, **named):
        try:
            return function(*arguments, **named)
        except UserError as sentence:
            raise SystemExit(f"largebatch: {sentence}") from None

    return telling
