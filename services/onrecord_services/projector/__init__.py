"""Projector: the log of every tenant into its read models."""
