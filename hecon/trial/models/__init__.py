"""Regressions of costs and QALYs: related equations, mixed models, generalised linear models."""
