"""What is wrong with an answer, in the language of whoever gave it; English is as the domain says it."""

from collections.abc import Mapping

from records.domain.submission import NEEDED

# By what is said in English, or by what was to be entered where that has a value in it.
_SENTENCES: Mapping[str, Mapping[str, str]] = {
    "nl": {
        NEEDED: "Dit is nodig.",
        "We have your answer already.": "We hebben uw antwoord al.",
        "This page is not ours, or incomplete. Open the form anew.": "Deze pagina is niet van ons of niet compleet. "
        "Open het formulier opnieuw.",
        "This page was open for too long. Open the form anew and send it again.": "Deze pagina stond te lang open. "
        "Open het formulier opnieuw en verstuur het nog eens.",
        "That was faster than a person can write. Wait a moment and send it again.": "Dat ging sneller dan iemand kan "
        "schrijven. Wacht even en verstuur het opnieuw.",
        "This form was sent very often just now. Wait a minute and send it again.": "Dit formulier is zojuist te vaak "
        "verstuurd. Wacht een minuut en verstuur het opnieuw.",
    }
}
_OF_AN_INPUT: Mapping[str, Mapping[str, str]] = {
    "nl": {
        "email": "Dit is geen e-mailadres, zoals naam@voorbeeld.nl.",
        "tel": "Dit is geen telefoonnummer.",
        "url": "Dit is geen webadres, zoals https://voorbeeld.nl.",
        "date": "Dit is geen datum.",
        "": "Dit antwoord past hier niet.",
    }
}


def mistake(detail: str, language: str, entered: str = "") -> str:
    """``entered`` is the kind of input that the answer was written into."""
    if language not in _SENTENCES:
        return detail
    kinds = _OF_AN_INPUT[language]
    return _SENTENCES[language].get(detail) or kinds.get(entered, kinds[""])
