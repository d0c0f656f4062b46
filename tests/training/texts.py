"""What a refusal says, in both languages."""

from string import Formatter

from shared.errors import Refusal


def assert_both_languages_agree(refusal: type[Refusal]) -> None:
    """The English text names no fact that the Indonesian lacks; both end as sentences."""
    indonesian, english = str(refusal.__doc__).strip(), refusal.english
    assert _named(indonesian) >= _named(english)
    assert indonesian.endswith(".")
    assert english.endswith(".")


def _named(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}
