"""Handover: who has a case or a client now, and how it passes to another. Importing this registers it."""

from onrecord_services.desk.handover import leaving, passing

__all__ = ["leaving", "passing"]
