"""Convolutions one by one and in whole steps, for convolutions.py."""
