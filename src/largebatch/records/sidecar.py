"""The file beside a figure's pictures that says what made them: `fig1.json` for `fig1.pdf`, ...

Pictures carry only an identity (see `identity.py`); the sidecar holds the record and checksums.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from largebatch.records.atomic import write_bytes
from largebatch.records.digest import digest_of, file_digest, sha256
from largebatch.records.refusal import check_file, check_name, damaged, missing


@dataclass(frozen=True)
class Sidecar:
    """A figure's record, its identity and the SHA-256 of each of its files by name."""

    record: dict
    identity: str
    outputs: dict[str, str]

    @property
    def digest(self) -> str:
        """SHA-256 of record, identity and outputs together."""
        return digest_of(self._content)

    @property
    def text(self) -> str:
        """The content of the file; any other text is refused when it is read."""
        content = {**self._content, "digest": self.digest}
        return json.dumps(content, sort_keys=True, indent=1, allow_nan=False) + "\n"

    def read(self, path: Path) -> bytes:
        """The verified content of one of its files; Refusal if that is missing or has changed."""
        try:
            content = Path(path).read_bytes()
        except FileNotFoundError:
            raise missing(path) from None
        if sha256(content) != self.outputs.get(Path(path).name):
            raise damaged(path, "its bytes are not the ones that were written")
        return content

    @property
    def _content(self) -> dict:
        return {"identity": self.identity, "outputs": self.outputs, "record": self.record}


def write_sidecar(path: Path, record: dict, identity: str, outputs: Iterable[Path]) -> None:
    """Write, atomically, the sidecar of the pictures `outputs`, which must exist already."""
    digests = {Path(file).name: file_digest(file) for file in outputs}
    write_bytes(path, Sidecar(record, identity, digests).text.encode())


def read_sidecar(path: Path, name: str | None = None) -> Sidecar:
    """The verified sidecar; Refusal if it is missing, altered or (given `name`) of another name."""
    check_file(path)
    try:
        text = Path(path).read_bytes().decode()  # as it is, with its ends of lines
        content = json.loads(text)
        sidecar = Sidecar(content["record"], content["identity"], content["outputs"])
        kinds = (sidecar.record, dict), (sidecar.identity, str), (sidecar.outputs, dict)
        intact = sidecar.text == text and all(isinstance(*each) for each in kinds)
    except FileNotFoundError:
        raise missing(path) from None
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        intact = False
    if not intact:
        raise damaged(path, "it was changed after it was written")
    if name is not None:
        check_name(path, sidecar.record, name)
    return sidecar
