"""Files of the tiny study, and whom an audit of it must blame."""

from largebatch.audit import Verdict

DATA = "results/data/dots.safetensors"
RUN = "results/tiny/runs/net_dots/b8/sgd/lr0.5/seed0.parquet"
OTHER_RUN = "results/tiny/runs/net_dots/b8/sgd/lr0.5/seed1.parquet"
TABLE = "results/tiny/tables/fig1.parquet"
PICTURE = "results/tiny/figures/fig1.png"
SIDECAR = "results/tiny/figures/fig1.json"


def blamed(report, verdict) -> set[str]:
    return {finding.culprit for finding in report.findings if finding.verdict is verdict}


def faults(report) -> dict[str, str]:
    """{culprit: detail} of all that is bad."""
    return {finding.culprit: finding.detail for finding in report.findings if finding.is_bad}


def assert_only(report, verdict, *culprits) -> None:
    """Check the verdict and its exit code, and that nobody else is blamed."""
    codes = {Verdict.STALE: 1, Verdict.MISSING: 2, Verdict.CHANGED: 2}
    bad = {f.culprit for f in report.findings if f.verdict in codes}
    assert report.verdict is verdict and report.exit_code == codes[verdict]
    assert bad == set(culprits)
