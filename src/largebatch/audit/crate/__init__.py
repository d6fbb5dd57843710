"""An output with all that made it, as a folder to check without us: an RO-Crate."""
