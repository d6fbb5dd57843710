"""config/claims.yaml: the statements as data, checked against their schema.

Snakefiles read it too, so this module imports nothing but the study.
"""

from dataclasses import dataclass
from pathlib import Path

from largebatch.analysis.claims.check_faults import check_faults
from largebatch.errors import UserError
from largebatch.study import Study
from largebatch.study.layers import spot
from largebatch.study.validation import validate
from largebatch.study.yaml_files import read_yaml

LEDGER = Path("config/claims.yaml")


@dataclass(frozen=True)
class Claim:
    """One statement of the paper; it holds if each of its `checks` does."""

    id: str
    place: str
    statement: str
    paper: str
    checks: list[dict]

    @property
    def references(self) -> list[str]:
        """The figures and sweeps that it needs, each once."""
        found = [r for check in self.checks for r in _references(check)]
        return list(dict.fromkeys(found))


@dataclass(frozen=True)
class Ledger:
    """The claims, and the settings of their tests.

    alpha: level of each test. draws: number of bootstrap draws. tolerances: what does not matter.
    resolution: least standard deviation of a seed's difference, in tolerances.
    clock: relative error of an arm's seconds that all its seeds share.
    """

    alpha: float
    draws: int
    tolerances: dict[str, float]
    resolution: float
    clock: float
    claims: list[Claim]


def ledger_content(root: Path = Path(".")) -> dict:
    """The content of the file, checked."""
    content = read_yaml(LEDGER, root)
    validate(content, "claims", root, lambda key: spot(LEDGER, key))
    for name, claim in content["claims"].items():
        for check in claim["checks"]:
            for key, sentence in check_faults(check):
                place = spot(LEDGER, ("claims", name, "checks", *key))
                raise UserError(f"{place}: {sentence}.")
    return content


def claims_settings(study: Study, root: Path = Path(".")) -> dict:
    """All that verdicts depend on except code and numbers: the ledger and facts of the study."""
    return {
        "ledger": ledger_content(root),
        "study": {
            "name": study.name,
            "title": study.title,
            "faithful": study.faithful,
            "notice": study.notice,
        },
        "groups": sorted({s.group for s in study.sweeps.values() if s.group and s.enabled}),
    }


def claims_name(study: Study) -> str:
    """The path of the claims' files below the checkout, without endings (parquet, md, json)."""
    return f"results/{study.name}/claims"


def read_ledger(root: Path = Path(".")) -> Ledger:
    """The ledger of the checkout `root`. Raises UserError naming the key that is wrong."""
    content = ledger_content(root)
    claims = [Claim(id, **stated) for id, stated in content["claims"].items()]
    return Ledger(**content | {"claims": claims})


def _references(check: dict) -> list[str]:
    found = [check.get(key, []) for key in ("sweeps", "against", "target")]
    return [r for names in found for r in ([names] if isinstance(names, str) else names)]
