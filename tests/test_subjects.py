"""Names on the wire: every name comes back, and none of them can reach beyond its own token."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onrecord_events.errors import UnreadableEvent
from onrecord_events.subjects import (
    intake_subject,
    jetstream_name,
    log_subjects,
    stream_subject,
    tenant_of,
    token,
    untoken,
)


@pytest.mark.parametrize(
    ("name", "escaped"),
    [
        pytest.param("CP-2026-0013", "CP-2026-0013", id="plain"),
        pytest.param("a.b", "a_2Eb", id="dot"),
        pytest.param("*", "_2A", id="star"),
        pytest.param(">", "_3E", id="greater-than"),
        pytest.param("a_b", "a_5Fb", id="the-escape-itself"),
        pytest.param("留痕", "_E7_95_99_E7_97_95", id="chinese"),
    ],
)
def test_a_name_is_escaped_byte_by_byte(name: str, escaped: str) -> None:
    assert token(name) == escaped
    assert untoken(escaped) == name


@given(st.text(min_size=1, max_size=20))
def test_every_name_comes_back_and_holds_no_separator(name: str) -> None:
    try:
        escaped = token(name)
    except (UnreadableEvent, UnicodeEncodeError):
        return
    assert untoken(escaped) == name
    assert not set(escaped) & set(".*> \t\r\n")


@pytest.mark.parametrize("name", ["", "x" * 181, "留" * 21])
def test_a_name_without_length_or_too_long_is_refused(name: str) -> None:
    with pytest.raises(UnreadableEvent):
        token(name)


@pytest.mark.parametrize("tenant", ["*", ">", "a.b", "", "A", "a" * 41, "a b", "a\n", "-a"])
def test_a_tenant_is_never_escaped_but_refused(tenant: str) -> None:
    with pytest.raises(UnreadableEvent):
        log_subjects(tenant)


@pytest.mark.parametrize("stream", ["complaint", "/x", "complaint/", ""])
def test_a_stream_needs_kind_and_id(stream: str) -> None:
    with pytest.raises(UnreadableEvent):
        stream_subject("t", stream)


def test_subjects_are_what_the_permissions_name() -> None:
    assert stream_subject("acme", "complaint/CP.1") == "ev.acme.complaint.CP_2E1"
    assert intake_subject("acme", "crm") == "in.acme.crm"
    assert log_subjects("acme") == "ev.acme.>"
    assert tenant_of(jetstream_name("acme")) == "acme"
    assert tenant_of("OTHER") is None
