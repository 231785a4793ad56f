"""Client: the decisions about whose client somebody is. Importing this registers them."""

from onrecord_services.desk.client import deciding, following, newcomers, taking

__all__ = ["deciding", "following", "newcomers", "taking"]
