"""Shipped rulebooks: the editions that come with the product, as the texts an event can carry."""

from importlib.resources import files

from onrecord_projections.judging.rulebook import Rulebook, load

_FOLDER = files("onrecord_projections") / "rulebooks"


def shipped_rulebooks() -> dict[str, str]:
    """Every shipped edition by `<pack>/<effective date>.toml`, in order."""
    found = {
        f"{pack.name}/{edition.name}": edition.read_text(encoding="utf-8")
        for pack in _FOLDER.iterdir()
        if pack.is_dir()
        for edition in pack.iterdir()
        if edition.name.endswith(".toml")
    }
    return dict(sorted(found.items()))


def shipped_rulebook(pack: str) -> tuple[Rulebook, str]:
    """The latest shipped edition of a policy, read and as text. Raises KeyError if there is none."""
    texts = [text for name, text in shipped_rulebooks().items() if name.startswith(f"{pack}/")]
    if not texts:
        raise KeyError(f"no shipped rulebook {pack!r}")
    return load(texts[-1]), texts[-1]


def released_lock() -> str:
    """`<pack>@<edition> <sha256>`, a line a released edition: a released file never changes."""
    return (_FOLDER / "released.lock").read_text(encoding="utf-8")
