"""`snakemake audit`, on what the workflow made."""

from damage import change_numbers, one_float
from files import FIGURE, RUN


def test_it_judges_and_makes_nothing(checkout):
    """A stale or tampered figure is not made again behind the auditor's back."""
    checkout.snakemake("audit")
    report = checkout.root / "results/tiny/audit.txt"
    assert report.read_text().count("VERIFIED") == 2
    change_numbers(checkout.root / RUN, one_float)
    (checkout.root / f"{FIGURE}.png").unlink()
    before = checkout.files()
    said = checkout.snakemake("audit", code=1)
    assert "fig1   Two optimizers" in said and "TAMPERED, MISSING" in said
    assert "its last line: " not in said  # which would be told twice
    assert report.read_text().count("TAMPERED") == 2
    after = checkout.files()
    assert [name for name in after if after[name] != before.get(name)] == ["results/tiny/audit.txt"]
