"""Duties: what is owed again and again, day by day or year by year."""

from onrecord_projections.judging.duties.duties import Duties

__all__ = ["Duties"]
