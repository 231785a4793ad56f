"""Registry: importing this module registers every command there is."""

from onrecord_services.desk.decision import commands

__all__ = ["commands"]
