"""A model's results over its parameters: sensitivity, scenarios and thresholds."""
