"""Field values: which values a field of an event can ever have."""

from typing import Annotated, Any

from pydantic import TypeAdapter, ValidationError
from pydantic.fields import FieldInfo


def takes(field: FieldInfo, wanted: tuple[object, ...]) -> bool:
    """Whether the field takes every one of these values, its pattern and bounds included."""
    checked: Any = Annotated[field.annotation, *field.metadata, None]  # None: a bare type needs a companion
    adapter: TypeAdapter[object] = TypeAdapter(checked)
    try:
        for value in wanted:
            adapter.validate_python(value, strict=True)
    except ValidationError:
        return False
    return True
