"""What can be audited, by name or as a file."""
