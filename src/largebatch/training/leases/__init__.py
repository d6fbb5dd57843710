"""One writer per run: who holds a run, and which jobs of a pack a process trains."""
