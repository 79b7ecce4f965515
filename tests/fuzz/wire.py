"""HTTP by hand: a keep-alive connection that sends whatever it is given, and requests no library would send."""

import asyncio
import gzip
import random
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Self

# So long an answer may take: more than anything ought to, less than for ever.
PATIENCE = 30.0
KIBIBYTE = 1 << 10
MEBIBYTE = 1 << 20
METHODS = ("GET", "HEAD", "OPTIONS", "PUT", "DELETE", "PATCH", "TRACE", "PROPFIND", "CONNECT", "M-SEARCH")


class Closed(Exception):
    """The server hung up without an answer."""


@dataclass
class Wire:
    """One connection, opened anew whenever the server has closed it."""

    host: str
    port: int
    _streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        if self._streams:
            self._streams[1].close()
            self._streams = None

    async def ask(self, request: bytes, *, head: bool = False) -> tuple[int, bytes]:
        """Status and body of the answer. Raises `Closed`, `TimeoutError`."""
        try:
            async with asyncio.timeout(PATIENCE):
                return await self._asked(request, head=head)
        except (asyncio.IncompleteReadError, ConnectionError) as error:
            self.close()
            raise Closed(str(error)) from error
        except TimeoutError:
            self.close()
            raise

    async def _asked(self, request: bytes, *, head: bool) -> tuple[int, bytes]:
        if self._streams is None or self._streams[0].at_eof():
            self.close()
            self._streams = await asyncio.open_connection(self.host, self.port, limit=4 * MEBIBYTE)
        reader, writer = self._streams
        writer.write(request)
        # Not drained: who answers before it has read all of it is to be heard.
        answer = b" 100"
        while answer.split(b" ", 2)[1] == b"100":
            answer = (await reader.readuntil(b"\r\n\r\n")).lower()
        names = dict(line.split(b":", 1) for line in answer.split(b"\r\n")[1:-2])
        length = 0 if head else int(names.get(b"content-length", b"0"))
        body = await reader.readexactly(length)
        if names.get(b"connection", b"").strip() == b"close":
            self.close()
        return int(answer.split(b" ", 2)[1]), body


def posted(path: str, headers: Mapping[str, str], body: bytes) -> bytes:
    told = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    return f"POST {path} HTTP/1.1\r\nhost: x\r\n{told}content-length: {len(body)}\r\n\r\n".encode("latin-1") + body


def rude(path: str, body: bytes) -> Iterator[tuple[str, bytes]]:
    """Requests by what is wrong with them; each goes over a connection of its own."""
    yield from _heads(path, body)
    yield from _addresses(path, body)
    yield from _lengths(path, body)
    yield from _contents(path, body)
    for method in METHODS:
        yield method, _request(path, b"", method=method)
    yield "another protocol", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
    yield "TLS", bytes.fromhex("16030100c8010000c40303") + bytes(200)
    yield "noise", random.Random(1).randbytes(4_096)
    yield "no version", f"POST {path}\r\n\r\n".encode()
    yield "HTTP/1.0", _request(path, body).replace(b"HTTP/1.1", b"HTTP/1.0")
    yield "HTTP/9.9", _request(path, body).replace(b"HTTP/1.1", b"HTTP/9.9")
    yield "websocket", _request(path, b"", b"connection: upgrade", b"upgrade: websocket", b"sec-websocket-version: 13")
    yield (
        "h2c",
        _request(path, body, b"connection: upgrade, http2-settings", b"upgrade: h2c", b"http2-settings: AAMAAABk"),
    )
    yield "a hundred at once", _request(path, body) * 100


def _request(path: str, body: bytes, *headers: bytes, method: str = "POST", length: bytes | None = None) -> bytes:
    announced = str(len(body)).encode() if length is None else length
    told = b"".join(header + b"\r\n" for header in headers)
    start = f"{method} ".encode() + path.encode("latin-1") + b" HTTP/1.1\r\nhost: x\r\n"
    return start + told + (b"content-length: " + announced + b"\r\n" if announced else b"") + b"\r\n" + body


def _heads(path: str, body: bytes) -> Iterator[tuple[str, bytes]]:
    for host in (
        b"",
        b"[",
        b"[::1",
        b"a b",
        b"\xff\xfe",
        b"x:99999999",
        b"x:-1",
        b"x:y",
        b"http://x/",
        b"x/../..",
        b"x?#",
    ):
        yield f"host {host!r}", _request(path, body).replace(b"host: x", b"host: " + host, 1)
    yield "no host", _request(path, body).replace(b"host: x\r\n", b"", 1)
    yield "two hosts", _request(path, body, b"host: y")
    odd = (
        b"x: \xff\xfe",
        b"x-\xff: y",
        b"x: a\x00b",
        b"x\x00: y",
        b": y",
        b"x y: z",
        b" folded: x",
        b"x: \x7f\x01",
        b"nothing",
    )
    for header in odd:
        yield f"header {header!r}", _request(path, body, header)
    for number in (1_000, 20_000):
        yield f"{number} headers", _request(path, body, *(b"x-%d: %d" % (each, each) for each in range(number)))
    for size in (60 * KIBIBYTE, 2 * MEBIBYTE):
        yield f"a header of {size}", _request(path, body, b"x: " + b"y" * size)
    for name in (
        b"traceparent",
        b"x-forwarded-for",
        b"x-forwarded-proto",
        b"x-forwarded-host",
        b"validation-token",
        b"authorization",
    ):
        for value in (
            b"\xff",
            b"00-0-0-0",
            b",,,",
            b"%s" % (b"::1," * 500),
            b"javascript",
            b"Bearer " + b"." * 9_000,
            b"1" * 600,
        ):
            yield f"{name!r} {value[:9]!r}", _request(path, body, name + b": " + value)


def _addresses(path: str, body: bytes) -> Iterator[tuple[str, bytes]]:
    token = path.rsplit("/", 1)[1]
    yield "an escaped token", _request(path.replace(token, "".join(f"%{ord(each):02x}" for each in token)), body)
    yield "the whole address", _request(f"http://evil.example{path}", body)
    below = (
        "/..",
        "/../../v1/keys",
        "/%2e%2e/%2f",
        "/%00",
        "/%ff%fe",
        "/%",
        "/%zz",
        "/%u0041",
        "//",
        "/a%2Fb",
        "/\xff",
        "/" + "a/" * 500,
    )
    for rest in (*below, "#x", ";x=y", "/%0d%0aset-cookie:%20x"):
        yield f"below {rest[:20]!r}", _request(path + rest, body)
    for query in (
        "?" + "a" * 60 * KIBIBYTE,
        "?" + "a=b&" * 14_000,
        "?%00",
        "?%ff",
        "?\xff",
        "?a=%",
        "?bodySHA256=x",
        "??&&==",
    ):
        yield f"query {query[:12]!r}", _request(path + query, body)
    yield "a query of 2 MiB", _request(path + "?" + "a" * 2 * MEBIBYTE, body)
    for other in (
        "/hooks",
        "/hooks/",
        "/hooks//",
        "/hooks/aircall",
        "/hooks/aircall/",
        "/hooks/%00/%00",
        "/hooks/\ud83d/x".encode("utf-8", "replace").decode(),
        "*",
    ):
        yield f"to {other!r}", _request(other, body)
    for guess in (token[:-1], token + "=", token.swapcase(), "a" * 60_000, "null", "%", "'--", "*", "\x80"):
        yield f"guess {guess[:9]!r}", _request(path.replace(token, guess), body)


def _lengths(path: str, body: bytes) -> Iterator[tuple[str, bytes]]:
    chunk = f"{len(body):x}\r\n".encode() + body + b"\r\n"
    chunked = b"transfer-encoding: chunked"
    yield "chunked", _request(path, chunk + b"0\r\n\r\n", chunked, length=b"")
    yield "chunked without an end", _request(path, chunk, chunked, length=b"")
    yield (
        "chunked and 2 MiB",
        _request(path, (b"10000\r\n" + b"x" * 65_536 + b"\r\n") * 32 + b"0\r\n\r\n", chunked, length=b""),
    )
    for size in (b"zz\r\n", b"-1\r\n", b"ffffffffffffffffff\r\n", b"5;" + b"x" * 9_000 + b"\r\nhello\r\n0\r\n\r\n"):
        yield f"chunk {size[:9]!r}", _request(path, size, chunked, length=b"")
    yield "trailers", _request(path, chunk + b"0\r\nx-late: 1\r\n\r\n", chunked, length=b"")
    yield "chunked and a length", _request(path, chunk + b"0\r\n\r\n", chunked)
    yield "chunked twice", _request(path, chunk + b"0\r\n\r\n", b"transfer-encoding: gzip, chunked", length=b"")
    for length in (b"-1", b"x", b"1e3", b"\xb2", b"9" * 30, b"0", b"1, 2", b"+5", b" ", str(len(body) + 9).encode()):
        yield f"length {length!r}", _request(path, body, length=length)
    yield "two lengths", _request(path, body, b"content-length: 1")
    yield "announces 2 MiB", _request(path, b"x", length=str(2 * MEBIBYTE).encode())
    yield "sends 2 MiB", _request(path, b"x" * 2 * MEBIBYTE)
    yield "expects to continue", _request(path, body, b"expect: 100-continue")
    yield "expects nonsense", _request(path, body, b"expect: nonsense")


def _contents(path: str, body: bytes) -> Iterator[tuple[str, bytes]]:
    bomb = gzip.compress(bytes(8 * MEBIBYTE), 1)
    coded = {
        "gzip": gzip.compress(body),
        "gzip broken": gzip.compress(body)[:-9],
        "gzip bomb": bomb,
        "deflate": zlib.compress(body),
        "br": body,
        "nonsense": body,
    }
    for name, content in coded.items():
        yield f"encoded {name}", _request(path, content, b"content-encoding: " + name.split()[0].encode())
    parts = b'--x\r\ncontent-disposition: form-data; name="a"\r\n\r\n' + body + b"\r\n--x--\r\n"
    for kind in (
        b"multipart/form-data; boundary=x",
        b"multipart/form-data",
        b"application/x-www-form-urlencoded",
        b"text/html",
    ):
        yield f"type {kind!r}", _request(path, parts, b"content-type: " + kind)
    for kind in (b"application/json; charset=utf-7", b";;;", b"\xff", b"application/json" * 500, b""):
        yield f"type {kind[:20]!r}", _request(path, body, b"content-type: " + kind)
