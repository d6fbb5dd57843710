"""Minibatches of several runs: which examples, in which order, augmented how."""
