"""Where customers write: each channel verifies, translates and hands on, nothing else."""
