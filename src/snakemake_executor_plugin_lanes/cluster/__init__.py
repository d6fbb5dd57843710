"""The backend `slurm`: packs on a SLURM cluster."""
