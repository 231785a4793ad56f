"""Shelf: every report there is, by name."""

from collections.abc import Mapping
from types import MappingProxyType

from onrecord_projections.queries.errors import BadQuestion
from onrecord_services.reports import (
    complaint_analysis,
    complaint_forms,
    complaint_statistics,
    figures,
    letters,
    penalties,
    promises,
    repairs,
    visits,
)
from onrecord_services.reports.report import Report

REPORTS: Mapping[str, Report] = MappingProxyType(
    {
        report.name: report
        for report in (
            complaint_analysis.REPORT,
            complaint_forms.RECORD,
            complaint_forms.DISPOSAL,
            complaint_statistics.REPORT,
            letters.REPORT,
            repairs.REPORT,
            figures.ARCHIVE,
            figures.ALL,
            visits.PLANS,
            visits.REPORTS,
            penalties.NOTICE,
            penalties.LIST,
            promises.DUE,
            promises.BROKEN,
        )
    }
)


def report_named(name: str) -> Report:
    """Raises BadQuestion, with the names there are."""
    report = REPORTS.get(name)
    if report is None:
        raise BadQuestion(f"report: there is no {name!r}; there are {', '.join(REPORTS)}")
    return report
