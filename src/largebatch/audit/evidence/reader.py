"""Reads artefacts of one checkout, each once, however many outputs share it."""

from pathlib import Path

from largebatch.audit.checkout.present import Present
from largebatch.audit.evidence.evidence import Evidence
from largebatch.audit.evidence.read import read_dataset, read_parquet, read_shown
from largebatch.errors import UserError
from largebatch.records import Sidecar, damaged
from largebatch.study import Study


class Reader:
    """`present` is the checkout as it is now.

    The methods raise UserError for files that are missing or do not match their own digests.
    """

    def __init__(self, study: Study, root: Path):
        self.present = Present(study, root)
        self._known: dict[str, Evidence | UserError] = {}

    def sidecar(self, name: str) -> Sidecar:
        """The sidecar of pictures or a page; `name` is without the ending, as in its record."""
        return read_shown(self.present.root / f"{name}.json", name)

    def evidence(self, name: str) -> Evidence:
        """The evidence of a run, table or dataset file."""
        if name not in self._known:
            self._known[name] = self._read(name)
        known = self._known[name]
        if isinstance(known, UserError):
            raise known
        return known

    def _read(self, name: str) -> Evidence | UserError:
        read = read_dataset if name.endswith(".safetensors") else read_parquet
        path = self.present.root / name
        try:
            return read(path, name)
        except UserError as error:
            return error
        except RecursionError:
            return damaged(path, "what it says of itself is nested too deeply to be read")
