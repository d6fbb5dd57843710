"""The one exception that a user is meant to read."""


class UserError(Exception):
    """One sentence that names the file and key and says what to do; the CLI exits with 2."""
