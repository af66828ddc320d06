"""A judge of PDF/A-3 and PDF/UA that is not the program that draws our papers."""

from __future__ import annotations

import page

PROFILES = {"PDF/A-3a": page.ValidationProfile.PDF_A_3A, "PDF/UA-1": page.ValidationProfile.PDF_UA_1}


def faults(drawn: bytes) -> list[str]:
    """List what a paper lacks for PDF/A-3a and PDF/UA-1, by the judge's names of rules; none is a good one."""
    found = []
    for name, profile in PROFILES.items():
        report = page.validate_pdf_bytes(drawn, profile=profile)
        assert report.rules.total > 100, "the judge did not look at this paper"
        found += [f"{name} {failure.rule_id}: {failure.message}" for failure in report.failures]
        if not report.is_compliant and not report.failures:
            found.append(f"{name}: refused without a reason")
    return found
