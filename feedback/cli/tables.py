"""Tables as CSV (RFC 4180) in which a spreadsheet finds text, and nothing to reckon.

What such a program takes for a formula it carries out: that may send away what stands beside it.
So an apostrophe is put before what begins one; it is the mark of a text there. A cell begins where
the file says so, and also behind a semicolon, a tab and the end of a line: there a program goes on
that expects other separators, or loses its way among quotation marks.

https://owasp.org/www-community/attacks/CSV_Injection
"""

import csv
import re
from collections.abc import Iterable, Iterator

#: By this mark Excel knows UTF-8; it takes a file without for one in the system's code page.
MARK = "\ufeff"

#: Where a cell begins whose first sign would be reckoned, or that a tab or a line's end begins. The
#: wide forms of these signs are taken for them where Chinese, Japanese or Korean is written.
_BEGINS = re.compile(r"(^|[\t\r\n;])(?=[\s'\"\u200b\u2060\ufeff]*[=+\-@＝＋－＠])|^(?=[\t\r\n])")


class _Line:
    """What the standard library's writer writes to: it keeps the line that was written last."""

    def write(self, text: str) -> None:
        self.text = text


def lines(rows: Iterable[Iterable[object]]) -> Iterator[str]:
    """Give the lines of a table, the mark before the first one. None is an empty cell."""
    line = _Line()
    writer = csv.writer(line, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    mark = MARK
    for row in rows:
        writer.writerow([cell(value) for value in row])
        yield mark + line.text
        mark = ""


def cell(value: object) -> str:
    """Give what stands in a cell: a text that is no formula."""
    return "" if value is None else _BEGINS.sub(r"\1'", str(value))
