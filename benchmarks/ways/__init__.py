"""Ways to train one workload, ours and PyTorch's, and their comparison for peers.py."""
