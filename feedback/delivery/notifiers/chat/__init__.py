"""Chats: a letter becomes a message in a room, encoded as its service wants.

| service | its address | out by |
|---|---|---|
| Slack | an incoming webhook's, or `slack://BOT_TOKEN/CHANNEL` | `feedback.outbound` |
| Telegram | `tgram://BOT_TOKEN/CHAT_ID` | `feedback.outbound` |
| Discord | a webhook's | `feedback.outbound` |
| Matrix | `matrixs://ACCESS_TOKEN@HOMESERVER/!ROOM:SERVER` | `feedback.outbound` |
| Teams | a workflow's | `feedback.outbound` |
| some others | as Apprise has it | Apprise's own HTTP |

What happened is composed once (`composing`), as lines of runs (`message`), and each service puts
these into its own form: what readers wrote is text there and nothing else.
"""

from contextlib import AbstractContextManager, nullcontext

from babel import Locale, UnknownLocaleError
from flask_babel import force_locale

from feedback.delivery.contract import BadTarget, NotTaken, Office, Parcel, Taken
from feedback.delivery.notifiers.chat import composing
from feedback.delivery.notifiers.chat.discord import Discord
from feedback.delivery.notifiers.chat.matrix import Matrix
from feedback.delivery.notifiers.chat.others import Others
from feedback.delivery.notifiers.chat.service import REPLY, Service
from feedback.delivery.notifiers.chat.slack import Slack
from feedback.delivery.notifiers.chat.teams import Teams
from feedback.delivery.notifiers.chat.telegram import Telegram

#: All services; the last takes whatever has a scheme.
SERVICES: tuple[Service, ...] = (Slack(), Telegram(), Discord(), Matrix(), Teams(), Others())


class Chat:
    """Puts letters into rooms."""

    def __init__(self, services: tuple[Service, ...] = SERVICES) -> None:
        self._services = services

    def check(self, address: str, office: Office) -> str:
        """Give the address as it is kept. Raises BadTarget."""
        return self._found(address.strip(), office)[1]

    def send(self, parcel: Parcel, office: Office) -> Taken:
        """Put a letter into its room, or raise NotTaken. Nothing else is raised."""
        try:
            service, _ = self._found(parcel.address, office)
        except BadTarget as error:
            raise NotTaken(str(error), permanent=True) from error
        if parcel.kind == REPLY and isinstance(service, Slack | Telegram):
            return service.reply(parcel, office)
        presses = any(parcel.secrets) and isinstance(service, Slack | Telegram)
        with speaking(parcel.wishes.lang):
            message = composing.compose(parcel, office, presses=presses)
            return service.send(parcel, office, message)

    def pressable(self, address: str, office: Office) -> Slack | Telegram | None:
        """Give the service of an address if buttons can be pressed there that we hear of."""
        try:
            service, _ = self._found(address, office)
        except BadTarget:
            return None
        return service if isinstance(service, Slack | Telegram) else None

    def _found(self, address: str, office: Office) -> tuple[Service, str]:
        """Give the service of an address, and the address as it is kept. Raises BadTarget."""
        for service in self._services:
            kept = service.check(address, office)
            if kept is not None:
                return service, kept
        raise BadTarget(
            "this is no address of a chat that is served; for a program of your own add a webhook"
        )


def speaking(lang: str) -> AbstractContextManager[None]:
    """Speak a language, where it is one."""
    tag = lang.replace("-", "_")
    try:
        Locale.parse(tag)
    except (ValueError, UnknownLocaleError):
        return nullcontext()
    return force_locale(tag)  # type: ignore[no-any-return]  # Flask-Babel has no types
