"""Complaint: the decisions of a complaint's life. Importing this registers them."""

from onrecord_services.desk.complaint import (
    answering,
    ending,
    forms,
    linking,
    money,
    passing,
    reopening,
    taking,
)

__all__ = ["answering", "ending", "forms", "linking", "money", "passing", "reopening", "taking"]
