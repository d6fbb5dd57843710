"""How often a lease is touched, and how long untouched before it counts as abandoned."""

from dataclasses import dataclass

BEAT = 15.0
STALE = 90.0
SETTLE = 0.5


@dataclass(frozen=True)
class Times:
    """Seconds; see `lease`. Tests use shorter ones."""

    beat: float = BEAT
    stale: float = STALE
    settle: float = SETTLE


ORDINARY = Times()
