"""Learning rates by epoch."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Schedule:
    """A schedule with `settings` as in the study file; epochs count from 1.

    Section 3 of the paper: constant for 100 epochs, then halved every 10 for the remaining 100.
    Appendix C.4: constant for 20, then times 0.8 every epoch.
    """

    settings: dict

    def factor(self, epoch: int) -> float:
        """Learning rate of `epoch` relative to the initial one."""
        kind = self.settings["kind"]
        if kind == "constant":
            return 1.0
        return self.settings["factor"] ** self._drops(epoch)

    def factors(self, epochs: int) -> list[float]:
        return [self.factor(epoch) for epoch in range(1, epochs + 1)]

    def _drops(self, epoch: int) -> int:
        if self.settings["kind"] == "milestones":
            return sum(epoch > after for after in self.settings["after"])
        past = epoch - self.settings["constant"] - 1
        if past < 0:
            return 0
        at_once = self.settings["first_drop"] == "at_once"
        return past // self.settings["every"] + (1 if at_once else 0)
