"""HTML: elements as functions. Text is escaped always; nothing becomes markup by accident."""

from html import escape

_VOID = frozenset({"meta", "link", "input", "br"})


class Element(str):
    """Markup that is whole and escaped."""

    __slots__ = ()


def h(tag: str, *children: "Element | str | int | None", **attributes: str | bool | None) -> Element:
    """One element. `class_` loses its bar, other bars become dashes; None and False are left out."""
    said = "".join(
        f" {name.rstrip('_').replace('_', '-')}" + ("" if value is True else f'="{escape(str(value))}"')
        for name, value in attributes.items()
        if value is not None and value is not False
    )
    if tag in _VOID:
        return Element(f"<{tag}{said}>")
    return Element(f"<{tag}{said}>{''.join(_text(child) for child in children)}</{tag}>")


def join(*children: "Element | str | int | None") -> Element:
    """Several side by side."""
    return Element("".join(_text(child) for child in children))


def _text(child: "Element | str | int | None") -> str:
    if child is None:
        return ""
    return child if isinstance(child, Element) else escape(str(child))
