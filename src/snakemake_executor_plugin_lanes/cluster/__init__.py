"""Packs on a SLURM cluster: the backend `slurm`."""
