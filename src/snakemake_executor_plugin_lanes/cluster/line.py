"""Ask SLURM without waiting: one that is away may not answer for a minute."""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")


class Line:
    """Calls of SLURM's commands that are under way, one after another in a thread of their own.

    So an answer of `squeue` that was asked for after a submission knows of it.
    """

    def __init__(self):
        self.thread = ThreadPoolExecutor(1)
        self.asked: dict[str, Future] = {}

    def ask(self, about: str, function: Callable[..., T], *arguments) -> T | None:
        """What `function(*arguments)` returns or raises; None as long as there is no answer.

        about: tells questions apart. One is asked again only once its answer has been taken.
        """
        if not self.is_asked(about):
            self.asked[about] = self.thread.submit(function, *arguments)
        return self.asked.pop(about).result() if self.asked[about].done() else None

    def is_asked(self, about: str) -> bool:
        """Was it asked and the answer not yet taken?"""
        return about in self.asked

    def tell(self, function: Callable[..., object], *arguments) -> None:
        """Call it; nobody waits for an answer."""
        self.thread.submit(function, *arguments)

    def hang_up(self) -> None:
        """Wait until all is answered; answers can still be taken, but nothing more is asked."""
        self.thread.shutdown()
