"""Why a file is not used."""

from pathlib import Path

from largebatch.errors import UserError


class Refusal(UserError):
    """A file that is missing or not what it was; `reason` is the sentence's middle."""

    def __init__(self, path: Path, reason: str, repair: str):
        super().__init__(f"{path}: {reason}; {repair}.")
        self.reason = reason
