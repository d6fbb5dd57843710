"""What is asked of a chain: each check takes one and returns findings."""
