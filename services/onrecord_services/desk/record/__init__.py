"""Record: forms, checks and acts as the rulebooks in force want them. Importing this registers them."""

from onrecord_services.desk.record import commands, happening, owing, telling

__all__ = ["commands", "happening", "owing", "telling"]
