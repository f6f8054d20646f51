"""Files that ship: the embed, the reader's side, the desk's scripts and sheets.

All are read once at start and kept compressed. `/embed.js` may change with
every release, so browsers ask again after a while; what it loads lives under
a name that holds the files' own digest and is kept for ever.
"""

import base64
import gzip
import hashlib
import mimetypes
import re
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import NamedTuple

import brotli
from flask import Flask, Response, abort, request, url_for
from werkzeug.local import LocalProxy

from feedback.web import binding, reader_strings

EMBED = "js/embed.js"
#: Where the embed looks for the reader's side, beside itself.
_READER = "static/js/reader/"
#: What is made for each language when it is first asked for.
_SPOKEN = re.compile(r"js/reader/(?P<what>strings|caption|corrections)/(?P<tag>.*)\.js")
#: Seconds for which a browser need not ask for the embed again.
EMBED_AGE = 600
#: Seconds for which a browser may use the old one while it asks.
EMBED_STALE = 86_400
#: How browsers keep what never changes under its name.
KEPT = f"public, max-age={365 * 86_400}, immutable"

_COMPRESSED = frozenset({"text/javascript", "text/css", "image/svg+xml", "application/json"})


@dataclass(frozen=True, slots=True)
class Asset:
    """A file as it is served: the plain bytes, and those of each content coding."""

    type: str
    etag: str
    bodies: dict[str, bytes]

    @classmethod
    def of(cls, name: str, content: bytes) -> "Asset":
        """Compress `content` as well as it goes, where that helps its type."""
        named = {".js": "text/javascript", ".ts": "text/plain"}.get(Path(name).suffix)
        kind = named or mimetypes.guess_type(name)[0]
        kind = kind or "application/octet-stream"
        bodies = {"identity": content}
        if kind in _COMPRESSED:
            bodies["gzip"] = gzip.compress(content, 9, mtime=0)
            bodies["br"] = brotli.compress(content, quality=11)
        return cls(kind, hashlib.sha256(content).hexdigest()[:16], bodies)


class Pinned(NamedTuple):
    """The embed under a name of its own, for pages that name its hash."""

    path: str
    #: As `integrity=""` has it (https://www.w3.org/TR/SRI/).
    integrity: str


class Assets:
    """All files below a folder, under one version."""

    def __init__(self, folder: Path) -> None:
        files = sorted(path for path in folder.rglob("*") if path.is_file())
        contents = {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}
        self._modules = {
            name.removeprefix("js/reader/").removesuffix(".js"): content.decode()
            for name, content in contents.items()
            if name.startswith("js/reader/") and name.endswith(".js")
        }
        embed = binding.small(contents[EMBED].decode())
        contents["js/reader/reader.js"] = binding.bound(self._modules, "reader").encode()
        self._pinned = contents[EMBED] = embed.replace(_READER, "reader/").encode()
        self.version = _digest(contents)
        self._files = {name: Asset.of(name, content) for name, content in contents.items()}
        loading = embed.replace(_READER, f"static/{self.version}/js/reader/")
        self.embed = Asset.of(EMBED, loading.encode())

    def get(self, name: str) -> Asset | None:
        """Give a file by its path below the folder; one for a language by any tag that suits."""
        spoken = _SPOKEN.fullmatch(name)
        if spoken is None:
            return self._files.get(name)
        tag = reader_strings.match(spoken["tag"])
        name = f"js/reader/{spoken['what']}/{tag}.js"
        if name not in self._files:
            self._files[name] = Asset.of(name, self._spoken(spoken["what"], tag).encode())
        return self._files[name]

    def _spoken(self, what: str, tag: str) -> str:
        table = reader_strings.strings(tag)
        if what == "strings":
            return binding.exported(table)
        return binding.filling(self._modules[what], binding.wording(what, table))

    def pinned(self) -> Pinned:
        """Give the address and the hash of this version's embed."""
        digest = base64.b64encode(hashlib.sha384(self._pinned).digest()).decode()
        return Pinned(f"/static/{self.version}/{EMBED}", f"sha384-{digest}")


def _digest(contents: dict[str, bytes]) -> str:
    digest = hashlib.sha256()
    for name, content in contents.items():
        digest.update(name.encode() + b"\0" + hashlib.sha256(content).digest())
    return digest.hexdigest()[:8]


@cache
def read(folder: Path) -> Assets:
    """Read the files below `folder`, once in a process."""
    return Assets(folder)


def init_app(app: Flask, folder: Path) -> None:
    """Serve the files below `folder`, read when one is first asked for: commands need none."""
    app.extensions["assets"] = LocalProxy(partial(read, folder))

    def embed() -> Response:
        return _embed(read(folder))

    def static(version: str, name: str) -> Response:
        return _file(read(folder), version, name)

    app.add_url_rule("/embed.js", view_func=embed)
    app.add_url_rule("/static/<version>/<path:name>", view_func=static)
    app.jinja_env.globals["asset"] = lambda name: url_for(
        "static", version=read(folder).version, name=name
    )


def _embed(assets: Assets) -> Response:
    cache = f"public, max-age={EMBED_AGE}, stale-while-revalidate={EMBED_STALE}"
    return _served(assets.embed, cache)


def _file(assets: Assets, version: str, name: str) -> Response:
    """Answer with a file; under a version that is not ours, for as long as the embed is kept."""
    asset = assets.get(name)
    if asset is None:
        abort(404)
    current = version == assets.version
    return _served(asset, KEPT if current else f"public, max-age={EMBED_AGE}")


def _served(asset: Asset, cache: str) -> Response:
    """Answer with the smallest body that the client takes; 304 where it has it already."""
    coding = request.accept_encodings.best_match(_preferred(asset), default="identity")
    response = Response(asset.bodies.get(coding, asset.bodies["identity"]), mimetype=asset.type)
    if coding != "identity":
        response.content_encoding = coding
    response.headers["Cache-Control"] = cache
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    response.headers["Timing-Allow-Origin"] = "*"
    response.vary.add("Accept-Encoding")
    response.set_etag(f"{asset.etag}-{coding}")
    response.make_conditional(request)
    return response


def _preferred(asset: Asset) -> list[str]:
    return [coding for coding in ("br", "gzip") if coding in asset.bodies]
