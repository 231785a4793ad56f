"""Routes: one module a subject, each handler one question."""

from litestar import Router

from onrecord_services.api.parameters import refuse_unknown
from onrecord_services.api.routes import (
    cases,
    clients,
    clocks,
    explain,
    feed,
    figures,
    kpi,
    satisfaction,
    service,
    shadow,
    staff,
)

ROUTES = Router(
    "/v1",
    guards=[refuse_unknown],
    route_handlers=[
        clocks.list_clocks,
        clocks.count_clocks,
        explain.explain_clock,
        explain.explain_penalty_line,
        explain.explain_sum,
        explain.explain_client,
        explain.explain_kpi,
        cases.list_cases,
        cases.show_case,
        cases.show_timeline,
        cases.list_handovers,
        clients.list_clients,
        clients.show_owner,
        feed.follow_feed,
        figures.list_penalties,
        figures.sum_penalties,
        satisfaction.show_satisfaction,
        satisfaction.list_answers,
        figures.show_callbacks,
        kpi.list_figures,
        kpi.list_items,
        service.list_service_figures,
        service.list_service_items,
        staff.list_members,
        shadow.compare_drafts,
        shadow.list_drafts,
        shadow.list_shadow_clocks,
        shadow.list_shadow_penalties,
    ],
)
"""Everything that machines ask."""
