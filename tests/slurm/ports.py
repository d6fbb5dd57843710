"""Ports for a lab, even while other tests on the same machine use theirs."""

import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

SPAN = 100
USED = (6, 17, 19, 21, 22, 23)  # of them, by cluster/up.sh: mariadb, ctld, dbd, nodes


@contextmanager
def reserve_ports() -> Iterator[int]:
    """The first of a hundred free ports; holding it tells other tests that all are taken."""
    for first in range(20_000, 32_000, SPAN):  # below the ports that systems give to clients
        with ExitStack() as held, ExitStack() as tried:
            try:
                _bind(first, held)
                for offset in USED:
                    _bind(first + offset, tried)
            except OSError:
                continue
            tried.close()
            yield first
            return
    raise OSError("20000 to 31999: no hundred ports are free; end what has them.")


def _bind(port: int, until: ExitStack) -> None:
    until.enter_context(socket.socket()).bind(("", port))
