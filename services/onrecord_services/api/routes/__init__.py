"""Routes: one module a subject, each handler one question."""

from onrecord_services.api.routes import cases, clocks

ROUTES = [
    clocks.list_clocks,
    cases.list_cases,
    cases.show_case,
    cases.show_timeline,
    cases.list_handovers,
]
