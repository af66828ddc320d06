"""A judge of PDF/A-3 and PDF/UA that is not the program that draws our papers."""

from __future__ import annotations

import re

import page

PROFILES = {"PDF/A-3a": page.ValidationProfile.PDF_A_3A, "PDF/UA-1": page.ValidationProfile.PDF_UA_1}
LENGTH = "PDFA3A-STREAM-LENGTH-001"
_STREAM = re.compile(rb"<<((?:(?!endobj).)*?)>>\s*stream\r?\n", re.DOTALL)


def faults(drawn: bytes) -> list[str]:
    """List what a paper lacks for PDF/A-3a and PDF/UA-1, by the judge's names of rules; none is a good one.

    Of the length of streams we count ourselves when the judge complains: compressed bytes that happen to end with a
    carriage return, before the line feed that ends every stream, are read by it as one end of line of two signs. About
    one paper in thirty has such a stream, with its length right to the byte.
    """
    found = []
    for name, profile in PROFILES.items():
        report = page.validate_pdf_bytes(drawn, profile=profile)
        assert report.rules.total > 100, "the judge did not look at this paper"
        kept = [one for one in report.failures if not (one.rule_id == LENGTH and lengths_are_right(drawn))]
        found += [f"{name} {failure.rule_id}: {failure.message}" for failure in kept]
        if not report.is_compliant and not report.failures:
            found.append(f"{name}: refused without a reason")
    return found


def lengths_are_right(drawn: bytes) -> bool:
    """Say whether each stream has as many bytes as its /Length says, up to the line feed before `endstream`."""
    streams = list(_STREAM.finditer(drawn))
    assert streams, "no stream was found"
    for found in streams:
        length = re.search(rb"/Length (\d+)(?! \d+ R)", found[1])
        end = found.end() + int(length[1]) if length else -1
        if drawn[end : end + 10] != b"\nendstream":
            return False
    return True
