"""Finds offers by words in Dutch, French and English: exact, plural, begun, or slightly misspelt.

The database finds candidate texts (FTS5 on SQLite, tsvector with GIN on PostgreSQL; for a word that
nothing matches, trigrams). What counts as a match and in which order is decided here, the same way
for both. Texts are shared by many offers, so the cost does not grow with the number of offers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import text
from sqlalchemy.orm import Session

from shortchain.catalogue import words

MOST_TEXTS = 1500
NAME_IS, NAME_BEGINS, MORE_IS, MORE_BEGINS, ALIKE = 10, 6, 5, 3, 1

_SQLITE_WORDS = text(
    "SELECT s.id, s.farm_id, s.names, s.more FROM offer_search_words w JOIN search_text s ON s.id = w.rowid "
    "WHERE offer_search_words MATCH :query ORDER BY bm25(offer_search_words, 10.0, 3.0) LIMIT :most"
)
_SQLITE_ALIKE = text(
    "SELECT s.id, s.farm_id, s.names, s.more FROM offer_search_trigrams w JOIN search_text s ON s.id = w.rowid "
    "WHERE offer_search_trigrams MATCH :query ORDER BY rank LIMIT 200"
)
_POSTGRESQL_WORDS = text(
    "SELECT id, farm_id, names, more FROM search_text WHERE words @@ to_tsquery('simple', :query) "
    "ORDER BY ts_rank(words, to_tsquery('simple', :query)) DESC, id LIMIT :most"
)
_POSTGRESQL_ALIKE = text(
    "SELECT id, farm_id, names, more FROM search_text WHERE :word <% (names || ' ' || more) "
    "ORDER BY word_similarity(:word, names || ' ' || more) DESC, id LIMIT 200"
)


@dataclass(frozen=True, slots=True)
class Found:
    """Per word asked: how well each text and each farm matches it."""

    texts: tuple[dict[int, int], ...]
    farms: tuple[dict[int, int], ...]

    @property
    def is_nothing(self) -> bool:
        """Say that no offer can match: some word matches no text and no farm."""
        return not self.texts or any(
            not texts and not farms for texts, farms in zip(self.texts, self.farms, strict=True)
        )

    def score(self, text_id: int, farm_id: int) -> int:
        """Score an offer by its text and its farm: 0 when a word matches neither."""
        total = 0
        for texts, farms in zip(self.texts, self.farms, strict=True):
            best = max(texts.get(text_id, 0), farms.get(farm_id, 0))
            if not best:
                return 0
            total += best
        return total


Row = tuple[int, int | None, str, str]


def find(session: Session, *, query: str) -> Found:
    """Find the texts that match what somebody typed; at most six words count, and all must match."""
    asked = words.asked(query)
    if not asked:
        return Found((), ())
    rows = _by_words(session, asked)
    texts, farms = [], []
    for word in asked:
        matched = _matches(rows, word)
        if not any(matched) and words.mistakes_allowed(word):
            matched = _alike(session, word)
        texts.append(matched[0])
        farms.append(matched[1])
    return Found(tuple(texts), tuple(farms))


def _by_words(session: Session, asked: Sequence[str]) -> Sequence[Row]:
    """Find every text that holds one of the words or begins with it."""
    roots = [words.stem(word) for word in asked]
    if session.get_bind().dialect.name == "sqlite":
        query = " OR ".join([*(f'"{word}"*' for word in asked), *(f'"{root}"' for root in roots)])
        statement = _SQLITE_WORDS
    else:
        query = " | ".join([*(f"{word}:*" for word in asked), *roots])
        statement = _POSTGRESQL_WORDS
    return [tuple(row) for row in session.execute(statement, {"query": query, "most": MOST_TEXTS})]


def _matches(rows: Sequence[Row], word: str) -> tuple[dict[int, int], dict[int, int]]:
    """Score each text and farm that holds a word (or its stem)."""
    texts: dict[int, int] = {}
    farms: dict[int, int] = {}
    root = words.stem(word)
    for text_id, farm_id, names, more in rows:
        score = _score(word, root, names, NAME_IS, NAME_BEGINS) or _score(word, root, more, MORE_IS, MORE_BEGINS)
        if score:
            if farm_id is None:
                texts[text_id] = score
            else:
                farms[farm_id] = score
    return texts, farms


def _score(word: str, root: str, held: str, whole: int, begun: int) -> int:
    padded = f" {held} "
    if f" {word} " in padded or f" {root} " in padded:
        return whole
    return begun if len(word) > 1 and f" {word}" in padded else 0


def _alike(session: Session, word: str) -> tuple[dict[int, int], dict[int, int]]:
    """Find texts with a word that differs by one or two typing mistakes."""
    if session.get_bind().dialect.name == "sqlite":
        parts = " OR ".join(f'"{part}"' for part in words.trigrams(word))
        rows = session.execute(_SQLITE_ALIKE, {"query": parts})
    else:
        session.execute(text("SET LOCAL pg_trgm.word_similarity_threshold = 0.3"))
        rows = session.execute(_POSTGRESQL_ALIKE, {"word": word})
    most = words.mistakes_allowed(word)
    best: list[tuple[int, Row]] = []
    for row in rows:
        near = min((words.distance(word, held, most=most) for held in f"{row[2]} {row[3]}".split()), default=most + 1)
        if near <= most:
            best.append((near, (row[0], row[1], row[2], row[3])))
    nearest = min((near for near, _ in best), default=0)
    kept = [row for near, row in best if near == nearest]
    return (
        {row[0]: ALIKE for row in kept if row[1] is None},
        {row[1]: ALIKE for row in kept if row[1] is not None},
    )
