"""The table of a trial and its design: read, checked, and turned into arrays."""
