"""Record: forms, checks and acts as the rulebooks in force want them. Importing this registers them."""

from onrecord_services.desk.record import commands

__all__ = ["commands"]
