"""HTML on paper: PDF."""

from typing import Any

from fpdf import FPDF
from fpdf.errors import FPDFException, FPDFUnicodeEncodingException

from shared.errors import Invalid


class _Paper(FPDF):
    """Paper that takes no pictures: a template could fetch what only this machine can reach."""

    def image(self, *_: Any, **__: Any) -> Any:
        raise Invalid.at("/body", "A PDF template may not hold images.")


def printed(html: str) -> bytes:
    """Raises `Invalid` where it cannot be."""
    paper = _Paper()
    paper.core_fonts_encoding = "windows-1252"
    paper.add_page()
    paper.set_font("Helvetica", size=11)
    try:
        paper.write_html(html)
        return bytes(paper.output())
    except FPDFUnicodeEncodingException as error:
        letter = getattr(error, "character", "?")
        raise Invalid.at("/body", f"A PDF cannot show '{letter}'; the kinds docx and html can.") from error
    except (FPDFException, LookupError, ValueError, NotImplementedError) as error:
        raise Invalid.at("/body", f"No PDF can be made of this HTML: {error}.") from error
