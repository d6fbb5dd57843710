"""Lets the functions of a Snakefile refuse with one sentence."""

from collections.abc import Callable
from functools import wraps

from largebatch.errors import UserError


def told(function: Callable) -> Callable:
    """Decorate a rule's function: a UserError that it raises ends Snakemake with exit code 1.

    Snakemake would print any other exception with the wildcards and lines of our code.
    """

    @wraps(function)
    def telling(*arguments, **named):
        try:
            return function(*arguments, **named)
        except UserError as sentence:
            raise SystemExit(f"largebatch: {sentence}") from None

    return telling
