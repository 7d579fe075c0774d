"""Simulated teaching trials: patient records that no patient gave, with the truth known."""

from hecon.datasets.simulating import Figure, figures, names, simulate_trial, trial_design, write_trial

__all__ = ["Figure", "figures", "names", "simulate_trial", "trial_design", "write_trial"]
