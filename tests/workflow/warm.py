"""What the server of tests/conftest.py reads once for all processes that are forked from it.

It takes a third of the time of a call of Snakemake to parse the sources for their digests.
"""

from largebatch.records.code import STEPS, code_digest

for step in STEPS:
    code_digest(step)
