"""Notifiers: one for each means by which a letter goes out, behind the promise of `contract`.

Each is loaded when the first letter goes its way: what one of them needs may not be installed.
"""

from collections.abc import Mapping
from functools import cache
from importlib import import_module

from feedback.delivery.contract import Notifier
from feedback.delivery.models import Means

#: Where each is: a module of this package, and the class in it, which is made without arguments.
TABLE: Mapping[Means, tuple[str, str]] = {
    Means.MAIL: ("mail", "Mail"),
    Means.WEBHOOK: ("webhook", "Webhook"),
    Means.CHAT: ("chat", "Chat"),
    Means.POST: ("mail", "Mail"),
}


class NotInstalled(Exception):
    """This installation cannot send by a means; the message says what is missing."""


@cache
def by(means: Means) -> Notifier:
    """Give what takes letters by a means. Raises NotInstalled."""
    module, name = TABLE[means]
    try:
        found = import_module(f"{__name__}.{module}")
    except ModuleNotFoundError as error:
        raise NotInstalled(f"letters by {means} need the module {error.name}") from error
    notifier: Notifier = getattr(found, name)()
    return notifier
