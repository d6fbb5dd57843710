"""The experiments of Smith, Elsen & De, *Momentum Enables Large Batch Training* (2019)."""

__version__ = "0.1.0"
