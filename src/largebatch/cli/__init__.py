"""The program `largebatch`: a thin layer that reads arguments and files and calls the rooms."""

from largebatch.cli.app import main

__all__ = ["main"]
