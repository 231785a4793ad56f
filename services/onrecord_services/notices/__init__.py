"""Notices: timers that tell, webhooks that deliver, mail that waits for its hour."""
