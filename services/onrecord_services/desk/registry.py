"""Registry: importing this module registers every command there is."""

from onrecord_services.desk import alert as _alert  # noqa: F401 (registers)
from onrecord_services.desk import approval as _approval  # noqa: F401 (registers)
from onrecord_services.desk import client as _client  # noqa: F401 (registers)
from onrecord_services.desk import complaint as _complaint  # noqa: F401 (registers)
from onrecord_services.desk import files as _files  # noqa: F401 (registers)
from onrecord_services.desk import handover as _handover  # noqa: F401 (registers)
from onrecord_services.desk import record as _record  # noqa: F401 (registers)
from onrecord_services.desk.decision import commands
from onrecord_services.desk.payroll import commands as _payroll  # noqa: F401 (registers)
from onrecord_services.desk.penalty import commands as _penalty  # noqa: F401 (registers)

__all__ = ["commands"]
