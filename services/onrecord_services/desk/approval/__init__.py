"""Approval: one chain for whatever a clause wants a yes for. Importing this registers its commands."""

from onrecord_services.desk.approval import commands

__all__ = ["commands"]
