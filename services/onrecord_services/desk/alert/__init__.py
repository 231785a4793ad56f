"""Alert: who was told takes note, so that nobody higher is told."""

from onrecord_services.desk.alert import commands

__all__ = ["commands"]
