"""Triton kernels, each with a plain PyTorch twin that computes the same and that tests compare."""
