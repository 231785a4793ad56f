"""OpenAPI: every command as an operation of its own, with what it takes and what it answers."""

from collections.abc import Mapping
from typing import Any

import msgspec

from onrecord_services.desk.answer import Answer
from onrecord_services.desk.decision import Command
from onrecord_services.desk.envelope import Request

_REF = "#/components/schemas/{name}"


def document(known: Mapping[str, type[Command]]) -> dict[str, Any]:
    """An OpenAPI 3.1 document."""
    _, parts = msgspec.json.schema_components([Answer], ref_template=_REF)
    schemas: dict[str, Any] = {**parts, "Problem": _PROBLEM}
    paths = {}
    for name, kind in sorted(known.items()):
        schema = _stated(kind.model_json_schema(ref_template="#/components/schemas/{model}"))
        schemas |= schema.pop("$defs", {})
        schemas[_named(name)] = schema
        paths[f"/v1/commands/{name}"] = {"post": _operation(name, kind)}
    return {
        "openapi": "3.1.0",
        "info": {"title": "onrecord desk", "version": "1"},
        "paths": paths,
        "components": {
            "schemas": schemas,
            "securitySchemes": {"key": {"type": "http", "scheme": "bearer"}},
        },
        "security": [{"key": []}],
    }


def _stated(schema: Any) -> Any:
    """Without empty defaults: they stand for ids that follow from other fields, and are no valid ids."""
    if isinstance(schema, dict):
        return {
            name: _stated(part) for name, part in schema.items() if not (name == "default" and part == "")
        }
    return [_stated(part) for part in schema] if isinstance(schema, list) else schema


def _operation(name: str, kind: type[Command]) -> dict[str, Any]:
    envelope = msgspec.json.schema(Request)
    fields = dict(next(iter(envelope["$defs"].values()))["properties"])
    fields["data"] = {"$ref": _REF.format(name=_named(name))}
    body = {"type": "object", "properties": fields, "required": ["by", "data"], "additionalProperties": False}
    return {
        "operationId": _named(name),
        "summary": (kind.__doc__ or name).partition("\n")[0],
        "parameters": [
            {
                "name": "Idempotency-Key",
                "in": "header",
                "required": False,
                "description": "Makes asking twice asking once; or `key` in the body.",
                "schema": {"type": "string", "minLength": 8, "maxLength": 100},
            }
        ],
        "requestBody": {"required": True, "content": {"application/json": {"schema": body}}},
        "responses": {
            "200": _answered("Decided, or all of it was so already.", "application/json", "Answer"),
            "409": _answered("Refused, with clause and reason.", "application/problem+json", "Problem"),
            "default": _answered("Not decided; why.", "application/problem+json", "Problem"),
        },
    }


def _answered(description: str, media_type: str, name: str) -> dict[str, Any]:
    return {
        "description": description,
        "content": {media_type: {"schema": {"$ref": _REF.format(name=name)}}},
    }


def _named(name: str) -> str:
    return "".join(part.capitalize() for part in name.replace("-", ".").split("."))


_PROBLEM = {
    "type": "object",
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
    },
}
