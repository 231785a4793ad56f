"""Routes: one module a subject, each handler one question."""

from onrecord_services.api.routes import cases, clocks, figures

ROUTES = [
    clocks.list_clocks,
    clocks.explain_clock,
    cases.list_cases,
    cases.show_case,
    cases.show_timeline,
    cases.list_handovers,
    figures.list_penalties,
    figures.show_satisfaction,
    figures.show_callbacks,
]
