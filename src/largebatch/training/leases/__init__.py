"""One run, one writer: who holds a run, and which of its jobs a process trains."""
