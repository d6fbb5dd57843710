"""How often a lease is touched, and after how long nobody is thought to hold it."""

from dataclasses import dataclass

BEAT = 15.0
STALE = 90.0
SETTLE = 0.5


@dataclass(frozen=True)
class Times:
    """Seconds; see `lease`. A test may hurry."""

    beat: float = BEAT
    stale: float = STALE
    settle: float = SETTLE


ORDINARY = Times()
