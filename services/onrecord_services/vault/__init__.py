"""Vault: what PostgreSQL keeps that no log could rebuild. Schema `vault`."""
