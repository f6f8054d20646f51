"""What the document shows: one story, from the report to the decision. Tests hold it true."""

from typing import Any

from feedback.web.api.annotations import CONTEXT

Example = dict[str, Any]

_PAGE = "https://www.paper.example/news/captain"
_HERE = "https://feedback.example.org/api/v1/spots"
_UID = "0b7c5d8e-57a4-4f0e-9f50-8d2c1f6f3a11"
_FIRST, _LAST = "2026-11-24T00:33:55.868832Z", "2026-11-24T00:34:08.845882Z"
_QUOTE = {"exact": "wrold", "prefix": "The end of the ", "suffix": "\nThe captain said"}

REPORT: Example = {
    "id": _UID,
    "url": _PAGE,
    "title": "The end of the wrold",
    "lang": "en",
    "quote": _QUOTE,
    "position": {"start": 15, "end": 20, "length": 400},
    "correction": "world",
}
IMAGE: Example = REPORT | {
    "id": "5f9d6a52-0f0e-4b6c-8a55-0d1a5f0d7c12",
    "correction": "A ship",
    "about": {"type": "image", "text": "A shpi", "url": "https://www.paper.example/ship.jpg"},
}
RECEIVED: Example = {
    "id": _UID,
    "receipt": "https://feedback.example.org/receipts/0b7c5d8e57a44f0e9f508d2c1f6f3a11.k3J9",
    "readers": 1,
    "status": "waiting",
}
CORRECTIONS: Example = {
    "lang": "en",
    "corrections": [{"said": "wrold", "says": "world", "at": "2026-11-24T00:46:11.204518Z"}],
    "more": False,
    "link": f"https://feedback.example.org/corrections/1?article={_PAGE}",
}
SPOT: Example = {
    "id": 1,
    "site": "The Paper",
    "status": "waiting",
    "presence": "still",
    "reads": None,
    "looked_at": "2026-11-24T00:36:02.115260Z",
    "snoozed_until": None,
    "merged_into": None,
    "article": {
        "url": _PAGE,
        "title": "The end of the wrold",
        "author": "Agnes Bo",
        "section": "Sea",
        "lang": "en",
    },
    "quote": _QUOTE,
    "correction": "world",
    "slip": "transposed",
    "about": None,
    "readers": 2,
    "first_at": _FIRST,
    "last_at": _LAST,
    "version": 1,
    "link": f"{_PAGE}#:~:text=end%20of%20the-,wrold",
}
SPOTS: Example = {"spots": [SPOT], "next": None, "previous": None}
WHOLE: Example = SPOT | {
    "status": "rejected",
    "version": 2,
    "reports": [
        {
            "id": _UID,
            "quote": _QUOTE,
            "correction": "world",
            "comment": "In the headline, too.",
            "kind": "typo",
            "about": None,
            "at": _FIRST,
        }
    ],
    "decisions": [
        {
            "kind": "reject",
            "reason": "quoted",
            "label": "",
            "note": "A letter.",
            "by": "ed@paper.example",
            "became": "",
            "into": None,
            "until": None,
            "at": "2026-11-24T00:35:48.982732Z",
        }
    ],
}
_SITE = {"id": 1, "name": "The Paper"}
_OPENED = SPOT | {
    "presence": "unchecked",
    "looked_at": None,
    "slip": "",
    "readers": 1,
    "version": 0,
    "last_at": _FIRST,
}
_DESK = "https://feedback.example.org/desk"
_PLACE = _SITE | {"link": f"{_DESK}/sites/1/"}
_SECOND = WHOLE["reports"][0] | {"id": IMAGE["id"], "comment": "", "kind": "", "at": _LAST}
_CHECKED: Example = {
    "kind": "fix",
    "reason": None,
    "label": "",
    "note": "",
    "by": "article check",
    "became": "world",
    "into": None,
    "until": None,
    "at": "2026-11-24T00:46:11.204518Z",
}
_FIXED = {
    "site": _SITE,
    "spot": SPOT | {"status": "fixed", "presence": "changed", "reads": "world"},
    "decision": _CHECKED,
}
_BACK = _CHECKED | {"kind": "reopen", "became": "", "at": "2026-11-25T06:00:02.731009Z"}
#: An event of each type.
EVENTS: dict[str, Example] = {
    "spot.opened": {
        "type": "spot.opened",
        "timestamp": _FIRST,
        "data": {"site": _SITE, "spot": _OPENED, "report": WHOLE["reports"][0]},
    },
    "spot.grew": {
        "type": "spot.grew",
        "timestamp": _LAST,
        "data": {"site": _SITE, "spot": SPOT | {"version": 0}, "report": _SECOND},
    },
    "spot.decided": {
        "type": "spot.decided",
        "timestamp": WHOLE["decisions"][0]["at"],
        "data": {
            "site": _SITE,
            "spot": SPOT | {"status": "rejected"},
            "decision": WHOLE["decisions"][0],
        },
    },
    "spot.fixed": {"type": "spot.fixed", "timestamp": _CHECKED["at"], "data": _FIXED},
    "spot.returned": {
        "type": "spot.returned",
        "timestamp": _BACK["at"],
        "data": {"site": _SITE, "spot": SPOT | {"version": 2}, "decision": _BACK},
    },
    "article.changed": {
        "type": "article.changed",
        "timestamp": "2026-11-24T00:36:04.480112Z",
        "data": {"site": _SITE, "article": SPOT["article"]},
    },
    "digest": {
        "type": "digest",
        "timestamp": "2026-11-24T01:00:00.318845Z",
        "data": {
            "site": _PLACE,
            "waiting": 1,
            "more": 0,
            "spots": [
                {
                    "happened": "spot.opened",
                    "spot": SPOT | {"version": 0},
                    "before": "The end of the ",
                    "after": "",
                    "pieces": [["delete", "wrold"], ["insert", "world"]],
                    "comments": ["In the headline, too."],
                    "decision": None,
                    "desk": f"{_DESK}/spots/1",
                }
            ],
        },
    },
    "alarm": {
        "type": "alarm",
        "timestamp": "2026-11-24T00:40:00.731022Z",
        "data": {
            "site": _PLACE,
            "about": "article",
            "count": 12,
            "hours": 1,
            "article": {"title": "The end of the wrold", "url": _PAGE},
            "link": f"{_DESK}/spots/1",
        },
    },
    "test": {
        "type": "test",
        "timestamp": "2026-11-24T00:31:12.559401Z",
        "data": {"site": _SITE, "by": "ed@paper.example"},
    },
}
REASONS: Example = {
    "reasons": [
        {
            "code": "correct",
            "label": "It is correct as it is",
            "sentence": "It is correct.",
        }
    ]
}

_EDITING: Example = {
    "type": "TextualBody",
    "purpose": "editing",
    "value": "world",
    "format": "text/plain",
    "language": "en",
}
_COMMENTING: Example = {
    "type": "TextualBody",
    "purpose": "commenting",
    "value": "In the headline, too.",
    "format": "text/plain",
    "created": _FIRST,
}
_ANNOTATION: Example = {
    "id": f"{_HERE}/1",
    "type": "Annotation",
    "motivation": "editing",
    "created": _FIRST,
    "modified": _LAST,
    "body": [_EDITING],
    "target": {
        "type": "SpecificResource",
        "source": _PAGE,
        "selector": [
            {"type": "TextQuoteSelector", **_QUOTE},
            {"type": "TextPositionSelector", "start": 15, "end": 20},
        ],
    },
}
ANNOTATION: Example = {
    "@context": CONTEXT,
    **_ANNOTATION,
    "body": [_EDITING, _COMMENTING],
}
COLLECTION: Example = {
    "@context": CONTEXT,
    "id": _HERE,
    "type": "AnnotationCollection",
    "label": "The Paper",
    "first": {
        "id": f"{_HERE}#first",
        "type": "AnnotationPage",
        "next": f"{_HERE}?cursor=WzE3Nzk1NTUyNDg4NDU4ODIsMV0",
        "items": [_ANNOTATION],
    },
}
