"""How much a prepared data set holds, which of the user's own files nothing else tells."""

from math import prod
from pathlib import Path

from largebatch.data.load import read_facts
from largebatch.errors import UserError
from largebatch.records import has_settings
from largebatch.study import Study
from largebatch.study.amount import Amount
from largebatch.study.plan import Plan


def prepared_amount(study: Study, dataset: str, root: Path = Path(".")) -> Amount | None:
    """By its header; None if it is not there (yet), is damaged, or has other settings."""
    path = root / Plan.data(dataset)
    try:
        facts = read_facts(path)
        if not has_settings(facts, study.datasets[dataset]):
            return None
        each = facts["vocabulary"] if facts["kind"] == "text" else prod(facts["shape"][1:])
        return Amount(facts["counts"]["train"], each, path.stat().st_size // 2**20)
    except (UserError, OSError, LookupError, TypeError):  # whoever needs the data is told
        return None
