"""Pricing: from findings to proposed lines. What feeds what, how often, and how much that is."""
