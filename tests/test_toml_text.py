"""TOML nested too deep is refused before anything recurses; brackets in texts and comments do not count."""

import tomllib

import pytest

from onrecord_projections.toml_text import NESTED_MAX, read_toml


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("a = " + "[" * 32 + "]" * 32, id="as-deep-as-allowed-with-the-table-above"),
        pytest.param('a = "' + "[" * 9000 + '"', id="in-a-text"),
        pytest.param("a = '''\n" + "{" * 9000 + "'''", id="in-a-long-text"),
        pytest.param("# " + "[" * 9000, id="in-a-comment"),
        pytest.param('a = """' + '"[' * 9000 + '"""', id="quotes-in-a-long-text"),
    ],
)
def test_what_is_flat_enough_is_read(text: str) -> None:
    assert read_toml(text) == tomllib.loads(text)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("a = " + "[" * 9000 + "]" * 9000, id="lists"),
        pytest.param("a = " + "{a=" * 9000, id="tables"),
        pytest.param("a" + ".a" * 33 + " = 1", id="dotted-keys"),
        pytest.param('a = ["""x"""", ' + "[" * 900 + "]" * 901 + ', "z"', id="hidden-by-a-fourth-quote"),
        pytest.param("a = ['''x'''', " + "[" * 900 + "]" * 901 + ", 'z'", id="hidden-by-a-fourth-apostrophe"),
    ],
)
def test_what_is_nested_too_deep_is_refused(text: str) -> None:
    with pytest.raises(tomllib.TOMLDecodeError, match=f"deeper than {NESTED_MAX}"):
        read_toml(text)
