"""Reads pages as a person does: headings, texts, links, and forms that can be filled in."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

from werkzeug.test import TestResponse

VOID = frozenset(
    {
        "area",
        "base",
        "br",
        "col",
        "embed",
        "hr",
        "img",
        "input",
        "link",
        "meta",
        "source",
        "track",
        "wbr",
    }
)
LOOSE = frozenset({"li", "p", "dt", "dd", "option", "tr", "td", "th", "thead", "tbody", "tfoot"})


class NotOnThePage(AssertionError):
    """A test looked for something that the page does not have."""


@dataclass(slots=True)
class Form:
    """A form as a browser sees it: where it goes and what it would send."""

    action: str
    method: str
    values: dict[str, list[str]] = field(default_factory=dict)
    fields: set[str] = field(default_factory=set)
    buttons: dict[str, str] = field(default_factory=dict)
    has_files: bool = False

    def filled(self, *, button: str | None = None, **values: Any) -> dict[str, Any]:
        """Give what is sent when `values` are typed over what stands there; None empties a field."""
        sent: dict[str, Any] = {name: list(old) for name, old in self.values.items()}
        if button is not None:
            sent[button] = [self.buttons[button]]
        for name, value in values.items():
            if name not in self.fields:
                raise NotOnThePage(f"no field {name!r} in {sorted(self.fields)}")
            if value is None or value is False:
                sent.pop(name, None)
            elif isinstance(value, (list, tuple)) and not (value and hasattr(value[0], "read")):
                sent[name] = [one if isinstance(one, tuple) else str(one) for one in value]  # a tuple is a file
            else:
                sent[name] = value if isinstance(value, tuple) else [str(value)]
        return sent


class Page(HTMLParser):
    """One answered page. Refuses tags that do not close and ids that are there twice, so that markup errors show."""

    def __init__(self, response: TestResponse) -> None:
        super().__init__(convert_charrefs=True)
        self.response = response
        self.status = response.status_code
        self.path = response.request.path
        self.html = response.get_data(as_text=True)
        self.forms: list[Form] = []
        self.links: dict[str, str] = {}
        self.headings: list[str] = []
        self.title = ""
        self._ids: set[str] = set()
        self._open: list[str] = []
        self._words: list[str] = []
        self._form: Form | None = None
        self._captures: list[tuple[str, dict[str, str], list[str]]] = []
        self._select: str | None = None
        self._option: str | None = None
        self.feed(self.html)
        self.close()
        left = [tag for tag in self._open if tag not in LOOSE]
        if left:
            raise AssertionError(f"tags never closed: {left}")

    @property
    def text(self) -> str:
        """All visible words, with single spaces."""
        return " ".join(" ".join(self._words).split())

    @property
    def heading(self) -> str:
        """The first heading of the page."""
        return self.headings[0] if self.headings else ""

    def form(self, action: str | None = None, *, has: str | None = None) -> Form:
        """Find the form that goes to a path ending in `action`, or that has the field `has`."""
        for form in self.forms:
            where = form.action.split("?")[0]
            if action is not None and not where.endswith(action):
                continue
            if has is not None and has not in form.fields:
                continue
            if action is None and has is None and form.method == "get":
                continue
            if action is None and has is None and form.action.startswith("/taal/"):
                continue
            return form
        raise NotOnThePage(f"no form {action or has!r}; there are {[f.action for f in self.forms]}")

    def link(self, words: str) -> str:
        """Find where the link with these words goes."""
        for text, target in self.links.items():
            if words in text:
                return target
        raise NotOnThePage(f"no link {words!r}; there are {list(self.links)}")

    def __contains__(self, words: str) -> bool:
        return " ".join(words.split()) in self.text.replace("\u00a0", " ") or words in self.text

    # How the parser reads on.

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        if (name := values.get("id")) is not None:
            if name in self._ids:  # a label or a link then leads to the first of them
                raise AssertionError(f"two of id {name!r} on {self.path}")
            self._ids.add(name)
        if tag not in VOID:
            self._open.append(tag)
        if tag == "form":
            self._form = Form(
                values.get("action") or self.response.request.full_path.rstrip("?"),
                values.get("method", "get").lower(),
                has_files="multipart" in values.get("enctype", ""),
            )
            self.forms.append(self._form)
        if tag in ("h1", "h2", "h3", "title", "a", "textarea"):
            self._captures.append((tag, values, []))
        self._field(tag, values)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self._open.pop()

    def handle_endtag(self, tag: str) -> None:
        while self._open and self._open[-1] != tag and self._open[-1] in LOOSE:
            self._open.pop()
        if not self._open or self._open[-1] != tag:
            raise AssertionError(f"</{tag}> closes nothing; open are {self._open[-4:]}")
        self._open.pop()
        if tag == "form":
            self._form = None
        if tag == "select":
            self._select = None
        if self._captures and self._captures[-1][0] == tag:
            self._captured(*self._captures.pop())

    def handle_data(self, data: str) -> None:
        if self._open and self._open[-1] in ("script", "style"):
            return
        if self._open and self._open[-1] != "title":
            self._words.append(data)
        for _tag, _values, words in self._captures:
            words.append(data)

    def _captured(self, tag: str, values: dict[str, str], pieces: list[str]) -> None:
        words = " ".join("".join(pieces).split())
        if tag == "title":
            self.title = words
        elif tag == "a":
            self.links.setdefault(words, values.get("href", ""))
        elif tag == "textarea":
            if self._form is not None and values.get("name"):
                self._form.fields.add(values["name"])
                self._form.values[values["name"]] = ["".join(pieces).removeprefix("\n")]
        else:
            self.headings.append(words)

    def _field(self, tag: str, values: dict[str, str]) -> None:
        form, name = self._form, values.get("name", "")
        if form is None:
            return
        if tag == "button" or (tag == "input" and values.get("type") == "submit"):
            if name:
                form.buttons.setdefault(name, values.get("value", ""))
            return
        if tag == "select" and name:
            self._select = name
            form.fields.add(name)
        elif tag == "option" and self._select:
            chosen = form.values.setdefault(self._select, [])
            if "selected" in values or not chosen:
                form.values[self._select] = [values.get("value", "")]
        elif tag == "input" and name and "disabled" not in values:
            form.fields.add(name)
            kind = values.get("type", "text")
            if kind == "file" or (kind in ("checkbox", "radio") and "checked" not in values):
                return
            form.values.setdefault(name, []).append(values.get("value", "on" if kind == "checkbox" else ""))
