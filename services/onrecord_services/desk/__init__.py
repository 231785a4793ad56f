"""Desk: where people decide, and the system may say no. Pure deciders over the log."""
