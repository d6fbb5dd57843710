"""The program `largebatch`: thin edges that read arguments and files, and call the rooms."""

from largebatch.cli.app import main

__all__ = ["main"]
