"""The paper's statements, decided by the numbers (docs/claims.md)."""
