"""An artefact as an audit sees it: its record, and its digests instead of its numbers."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Evidence:
    """The record of an artefact and the digests by which others name it.

    table: of its numbers or tensors. digest: of its record. file: of its bytes, for Parquet only.
    start, updates, losses: a run's test loss before the first step, its updates in the first epoch,
    and the digest of its losses from then on. examples: images or tokens that a dataset has to
    train on.
    """

    record: dict
    table: str
    digest: str
    file: str | None = None
    start: float | None = None
    updates: int | None = None
    losses: str | None = None
    examples: int | None = None

    @property
    def name(self) -> str:
        return self.record["name"]
