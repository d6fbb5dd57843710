"""`python -m largebatch`, where the program `largebatch` is not installed."""

from largebatch.cli import main

main()
