"""What strangers bring back is read only if it is ours, for this purpose, to the letter."""

from hypothesis import given
from hypothesis import strategies as st

from records.domain.signing import opened, sealed

SAID = "01890000-0000-7000-8000-000000000001.agreed.news"


def test_a_token_says_what_was_sealed_in_it() -> None:
    token = sealed("secret", "unsubscribe", SAID)
    assert opened("secret", "unsubscribe", token) == SAID
    assert opened("another", "unsubscribe", token) is None
    assert opened("secret", "form", token) is None
    assert opened("secret", "unsubscribe", token.replace("news", "mail")) is None


@given(st.text(st.characters(), max_size=60))
def test_no_other_text_is_one(text: str) -> None:
    for each in (text, f"{text}.", f"{SAID}.{text}", f"\ud800.{text}"):
        assert opened("secret", "unsubscribe", each) is None
