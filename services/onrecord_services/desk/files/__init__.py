"""Files: handed in, kept, lent and destroyed. Importing this registers the commands."""

from onrecord_services.desk.files import ending, keeping, lending

__all__ = ["ending", "keeping", "lending"]
