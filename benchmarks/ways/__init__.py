"""Ways to train one workload, ours and PyTorch's, and how they are compared (peers.py)."""
