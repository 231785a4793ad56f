"""Engines: a real NATS JetStream and a real PostgreSQL, started by us on one data folder."""

from onrecord_services.engines.embedded import Engines
from onrecord_services.engines.errors import EngineError, FolderError, MissingEngineError

__all__ = ["EngineError", "Engines", "FolderError", "MissingEngineError"]
