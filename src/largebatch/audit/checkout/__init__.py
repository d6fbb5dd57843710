"""The checkout as it is now, and what its commits hold; each is read once."""
