"""`python -m largebatch`, for use where the program `largebatch` is not installed."""

import sys

try:
    from largebatch.cli import main
except ModuleNotFoundError as missing:
    print(f"largebatch: the package {missing.name} is not installed; install it.", file=sys.stderr)
    sys.exit(2)

main()
