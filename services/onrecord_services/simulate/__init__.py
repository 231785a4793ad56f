"""Simulate: months that never were, for demonstrations and measurements. Same seed, same events."""

from onrecord_services.simulate.month import many, month, simulate

__all__ = ["many", "month", "simulate"]
