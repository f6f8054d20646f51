"""Reports to send: each valid and new, pointing at places in articles as readers do."""

import json
import random
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count, islice
from uuid import UUID

#: Where the articles are; the site under test admits it.
ORIGIN = "https://paper.example"
#: The part of the reports that point at a place which another report named just before.
JOINING = 0.2

#: How many places of one article are reported, and how many articles are being read at once.
_PLACES, _ARTICLES = 5, 100
#: How many places back a joining report may point.
_RECENT = 200
_CONTEXT = 64
_WORDS = (
    "harbour council bridge winter morning ferry baker river market school garden letter window"
    " station engine captain doctor summer painter village mayor budget rumour lantern orchard"
    " theatre concert weather island mountain valley tunnel railway minister teacher student"
    " the a of and to in that it was for on with as had not at by from were after before under"
    " opens closes promised repaired announced forgot carried answered measured returned built"
).split()


@dataclass(frozen=True, slots=True)
class Place:
    """A word in the text of an article."""

    url: str
    text: str
    start: int
    end: int


def places(seed: str) -> Iterator[Place]:
    """Give the places of report after report, without end; the same for the same `seed`."""
    chance = random.Random(seed)
    fresh = _fresh(chance, seed)
    recent: deque[Place] = deque(maxlen=_RECENT)
    while True:
        joins = recent and chance.random() < JOINING
        place = chance.choice(recent) if joins else next(fresh)
        recent.append(place)
        yield place


def _fresh(chance: random.Random, seed: str) -> Iterator[Place]:
    """Give places that were not given before, on articles that are read at the same time."""
    texts = [_text(chance) for _ in range(20)]
    numbers = count()
    articles = [_article(chance, seed, next(numbers), texts) for _ in range(_ARTICLES)]
    while True:
        at = chance.randrange(_ARTICLES)
        yield articles[at].pop()
        if not articles[at]:
            articles[at] = _article(chance, seed, next(numbers), texts)


def _article(chance: random.Random, seed: str, number: int, texts: list[str]) -> list[Place]:
    """Give the places that are reported in one article."""
    url, text = f"{ORIGIN}/{seed}/{number}", chance.choice(texts)
    starts = [at + 1 for at, char in enumerate(text[:-20]) if char == " "]
    chosen = chance.sample(starts, _PLACES)
    return [Place(url, text, start, text.index(" ", start)) for start in chosen]


def _text(chance: random.Random) -> str:
    return words(chance, 1500)


def words(chance: random.Random, most: int) -> str:
    """Write so many words that mean nothing."""
    return " ".join(chance.choices(_WORDS, k=most))


def bodies(seed: str, most: int) -> list[tuple[Place, bytes]]:
    """Give `most` reports as a browser would send them, each with its place."""
    chance = random.Random(f"ids of {seed}")
    return [(place, _body(place, chance)) for place in islice(places(seed), most)]


def _body(place: Place, chance: random.Random) -> bytes:
    text, start, end = place.text, place.start, place.end
    report = {
        "id": str(UUID(int=chance.getrandbits(128), version=4)),
        "url": f"{place.url}?utm_source=feed",
        "canonical": place.url,
        "title": "What the harbour council promised",
        "lang": "en",
        "quote": {
            "exact": text[start:end],
            "prefix": text[max(0, start - _CONTEXT) : start],
            "suffix": text[end : end + _CONTEXT],
        },
        "position": {"start": start, "end": end, "length": len(text)},
        "correction": text[start:end].capitalize(),
        "comment": "Seen in the second edition." if chance.random() < 0.3 else "",
        "email": "",
    }
    return json.dumps(report).encode()


def comment(body: bytes) -> bytes:
    """Give a report as a reader would write it into Isso: a comment on the article's thread."""
    report = json.loads(body)
    said = f"{report['quote']['exact']} should read {report['correction']}. {report['comment']}"
    return json.dumps({"title": report["title"], "text": said, "author": "A reader"}).encode()
