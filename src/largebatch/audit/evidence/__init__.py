"""One artefact by itself: read whole, verified, and searched for contradictions."""
