"""The encoding of a page: as it is declared, else as its text looks."""

import re
from typing import Final

from feedback.anchoring.normal import declared

#: What pages without a label are written in, by Python's names; UTF-8 is told before.
_LIKELY: Final = (
    "cp1250 cp1251 cp1252 cp1253 cp1254 cp1255 cp1256 cp1257 cp1258 cp874 iso8859-2 koi8-r koi8-u"
    " cp932 shift_jis_2004 euc_jis_2004 gb18030 big5hkscs cp949 euc_kr".split()
)
#: Which of its kin a browser would take.
_WEB: Final = {"shift_jis_2004": "cp932", "euc_jis_2004": "euc_jp", "euc_kr": "cp949"}

#: A UTF-8 page whose every hundredth foreign character is broken is a UTF-8 page still.
_BROKEN: Final = 0.01

_BETWEEN_TAGS: Final = re.compile(rb"[^<>]+")
_C1: Final = re.compile(rb"[\x80-\x9f]")


def decode(page: bytes, charset: str | None = None) -> str:
    """Decode a page as `normal.declared` finds, else by a guess from its text. Refuses no byte."""
    return page.decode(declared(page, charset) or guess(page), "replace")


def guess(page: bytes) -> str:
    """Give Python's name of the encoding that a page without any label is most likely in.

    Only text with a foreign byte in it is looked at: ASCII is the same in all of them.
    """
    text = b"\n".join(part for part in _BETWEEN_TAGS.findall(page) if not part.isascii())
    if _is_utf8(text):
        return "utf-8"
    import chardet  # noqa: PLC0415 -- 30 ms, for the few pages that get here

    found = chardet.detect(
        text, prefer_superset=True, compat_names=False, include_encodings=_LIKELY
    )
    name = found["encoding"] or "cp1252"
    if name in ("cp1250", "iso8859-2"):
        return _eastern(text)
    return _WEB.get(name, name)


def _is_utf8(text: bytes) -> bool:
    """Tell UTF-8, be it cut off or broken here and there."""
    read = text.decode("utf-8", "replace")
    foreign = len(read) - len(read.encode("ascii", "ignore"))
    broken = read.count("\ufffd")
    return broken <= _BROKEN * foreign


def _eastern(text: bytes) -> str:
    """Tell two that share most letters: where one has letters and quotes, the other has nothing."""
    return "cp1250" if _C1.search(text) else "iso8859-2"
