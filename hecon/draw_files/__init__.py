"""Draws of a model from and to files, in the layouts that other packages export."""

from hecon.draw_files.reading import read_draws
from hecon.draw_files.writing import write_draws

__all__ = ["read_draws", "write_draws"]
