"""A persistence module for the `eventsourcing` library: `PERSISTENCE_MODULE=onrecord_events.persistence`.

The synchronous face of the log, for scripts, administration and whoever likes `Application`; hot paths await
`EventLog`. One JetStream stream an application, one subject an aggregate, snapshots in a second one.
What it reads from the environment is in `factory`.
"""

from onrecord_events.persistence.factory import LogFactory
from onrecord_events.persistence.recorders import (
    LogAggregateRecorder,
    LogApplicationRecorder,
    LogProcessRecorder,
    LogTrackingRecorder,
)
from onrecord_events.persistence.subscription import LogSubscription
from onrecord_events.persistence.tenant import TenantRecorder
from onrecord_events.persistence.tenant_events import TenantEvent, TenantMapper

Factory = LogFactory

__all__ = [
    "Factory",
    "LogAggregateRecorder",
    "LogApplicationRecorder",
    "LogFactory",
    "LogProcessRecorder",
    "LogSubscription",
    "LogTrackingRecorder",
    "TenantEvent",
    "TenantMapper",
    "TenantRecorder",
]
