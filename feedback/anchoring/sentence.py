"""The sentence around a quote, cut from its context for people to read."""

import re

#: A sentence's end: a full stop of some script, closing marks, white space; or a block's edge.
_END = re.compile(r"""(?:[.!?…]["'»”’)\]]*\s+(?=[^a-zа-яё])|[。！？｡][」』”’）]*|[।؟۔]\s*|\n)""")
_ELLIPSIS = "…"


def around(prefix: str, exact: str, suffix: str) -> tuple[str, str]:
    """Give what stands before and after a quote in its sentence.

    Where the context ends before the sentence does, the cut is at a word and
    an ellipsis says so. `exact` itself may run over several sentences.
    """
    return _before(prefix, exact), _after(exact, suffix)


def _before(prefix: str, exact: str) -> str:
    ends = [found.end() for found in _END.finditer(prefix + exact[:1])]
    ends = [end for end in ends if end <= len(prefix)]
    if ends:
        return prefix[ends[-1] :]
    cut = prefix.find(" ")
    return prefix if cut < 0 or len(prefix) < 60 else _ELLIPSIS + prefix[cut:]


def _after(exact: str, suffix: str) -> str:
    if exact[-1:] in ".!?…。！？" and suffix[:1].isspace():
        return ""
    found = _END.search(suffix)
    if found:
        return suffix[: found.end()].rstrip()
    cut = suffix.rfind(" ")
    return suffix if cut < 0 or len(suffix) < 60 else suffix[:cut] + " " + _ELLIPSIS
