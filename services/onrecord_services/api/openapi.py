"""OpenAPI: the document at /schema/openapi.json. No page for it: such pages load foreign scripts."""

from litestar.openapi import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin
from litestar.openapi.spec import Components, SecurityScheme

_ABOUT = """Questions about what happened and what it means.

Every answer carries the position of the log it was read at. `wait_for=<position>` answers there or later, so
that you can read what you wrote. Pages go on with `cursor`. Times are RFC 3339 in the tenant's own zone.
Refusals are problems as RFC 9457 defines them; `detail` says what to do."""

DOCUMENT = OpenAPIConfig(
    title="onrecord",
    version="1",
    description=_ABOUT,
    path="/schema",
    components=Components(
        security_schemes={
            "key": SecurityScheme(
                type="http", scheme="bearer", description="An API key whose scopes hold `read`."
            )
        }
    ),
    security=[{"key": []}],
    render_plugins=[JsonRenderPlugin(path="/openapi.json")],
    use_handler_docstrings=True,
)
