"""How often a lease is touched, and how long untouched before it counts as abandoned."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Times:
    """Seconds; see `lease`. Tests use shorter ones."""

    beat: float = 15.0
    stale: float = 90.0
    settle: float = 0.5


ORDINARY = Times()
