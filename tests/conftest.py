"""Settings of all tests."""

from hypothesis import settings

# Machines are shared and slow at times: an example may take as long as it takes.
settings.register_profile("shared-machine", deadline=None)
settings.load_profile("shared-machine")
