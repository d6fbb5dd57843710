"""What the page of a study shows and depends on; imports nothing heavy, reads no data."""

from pathlib import Path

from largebatch.analysis.claims.ledger import claims_name
from largebatch.study import Study


def report_name(study: Study) -> str:
    """The path of the page's files below the checkout, without endings (html, json)."""
    return f"results/{study.name}/report"


def report_settings(study: Study) -> dict:
    """Everything that the page depends on except code, tables and verdicts."""
    return {
        "study": {"title": study.title, "notice": study.notice, "faithful": study.faithful},
        "figures": {name: study.figure_settings(name) for name in study.figures},
    }


def report_inputs(study: Study, root: Path = Path(".")) -> list[str]:
    """The tables behind the page: of every figure, and of the claims if they were made."""
    claims = [claims_path(study)] if has_claims(study, root) else []
    return [*map(study.table, study.figures), *claims]


def claims_path(study: Study) -> str:
    """The table of claims, relative to the checkout."""
    return f"{claims_name(study)}.parquet"


def has_claims(study: Study, root: Path) -> bool:
    """Whether the claims were made; a page shows figures without them, too."""
    return (root / claims_path(study)).is_file()
