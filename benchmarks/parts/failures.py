"""What fails in a benchmark: one contender's failure must not stop the others."""

import traceback
from collections.abc import Iterable


def failed(error: Exception) -> str:
    """Print the traceback; return the end of a sentence that begins with what failed."""
    traceback.print_exception(error)
    return f"failed: {error!r}"


def exit_code(failures: Iterable[str]) -> int:
    """Print the sentences; 1 if there are any, otherwise 0."""
    code = 0
    for sentence in failures:
        print(sentence)
        code = 1
    return code
