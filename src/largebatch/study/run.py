"""A run: the unit of caching, stored as one Parquet file."""

from dataclasses import dataclass
from decimal import Decimal

from largebatch.errors import UserError


@dataclass(frozen=True)
class Optimizer:
    """`sgd`, `momentum-<m>` (heavy ball, eq. 8), `nesterov-<m>` or `corrected-<m>`, 0 < m < 1.

    corrected: heavy ball with a rate that makes up for the velocity's start at zero (sec. 1.2).
    """

    name: str
    momentum: float

    @property
    def family(self) -> str:
        return self.name.partition("-")[0]

    @classmethod
    def parse(cls, name: str) -> "Optimizer":
        """Parse a name. Raises `UserError` with the reason only; the caller names file and key."""
        if name == "sgd":
            return cls(name, 0.0)
        family, _, digits = name.partition("-")
        if family not in ("momentum", "nesterov", "corrected"):
            raise UserError(
                f"'{name}' is no optimizer; use sgd, momentum-<m>, nesterov-<m> or corrected-<m>"
            )
        try:
            momentum = float(digits)
        except ValueError:
            raise UserError(f"'{name}' names no momentum; write e.g. {family}-0.9") from None
        if not 0 < momentum < 1:
            raise UserError(
                f"the momentum of '{name}' must lie between 0 and 1, both excluded; "
                f"write e.g. {family}-0.9, or sgd for none"
            )
        if digits != decimal(momentum):
            raise UserError(f"'{name}' must be written {family}-{decimal(momentum)}")
        return cls(name, momentum)


@dataclass(frozen=True, order=True)
class Run:
    """One (task, batch, optimizer, effective learning rate, seed) of a study.

    ``lr`` is the effective learning rate e / (1 - m) (eq. 9), the paper's x-axis.
    """

    study: str
    task: str
    batch: int
    optimizer: str
    lr: float
    seed: int

    @property
    def momentum(self) -> float:
        return Optimizer.parse(self.optimizer).momentum

    @property
    def name(self) -> str:
        """Its path below results/<study>/runs: `<task>/b<batch>/<optimizer>/lr<lr>/seed<seed>`."""
        return f"{self.task}/b{self.batch}/{self.optimizer}/lr{decimal(self.lr)}/seed{self.seed}"

    @property
    def path(self) -> str:
        return f"results/{self.study}/runs/{self.name}.parquet"

    @property
    def pack(self) -> str:
        """What runs must share to be packed: they have the same shapes and number of steps."""
        return f"{self.task}/b{self.batch}"


def decimal(number: float) -> str:
    """The shortest decimal of a number, without exponent or trailing zeros: 0.25, 8, 0.0025."""
    text = format(Decimal(repr(number)), "f")
    return text.rstrip("0").rstrip(".") if "." in text else text
