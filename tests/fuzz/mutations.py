"""Bodies bent in every way we could think of, by a seeded chance: the same seed bends the same."""

import json
import random
import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any
from urllib.parse import parse_qsl, quote_plus, urlencode

TOKENS = re.compile(rb'"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?|true|false|null|[^=&\s]+')
LONG = 3_000
DEEP = 10_000
# What stands where something else should, as it is written: JSON of the wrong kind…
ODD: Sequence[bytes] = [
    *(b"null", b"true", b"false", b"-1", b"0", b"-1.5e10", b"1e-400", b"1" + b"0" * 40, b"253402300800", b"1e308"),
    *(b'""', b"[]", b"{}", b"[[]]", b"[null]", b'{"":{"":null}}', b'"\\u0000"', b'"a\\u0000b"', b'"+1 (202) 555"'),
    *(
        b'"' + b"9" * 400 + b'"',
        '"٣٤٥٦٧٨٩٠"'.encode(),
        '"²³"'.encode(),
        '"\u202e\u2028\ufeff"'.encode(),
        b'"{}"',
        b'"[]"',
    ),
    *(b'"2025-02-30T25:61:00Z"', b'"9999-12-31T23:59:59.999999Z"', b'"0001-01-01T00:00:00Z"', b'"2025-11-18 09:14:05"'),
    *(b'"2025-11-18T09:14:05+23:59"', b'"99:99:99"', b'"1e5:1:1"', b'"nan"', b'"inf"', b'"-inf"', b'"undefined"'),
    *(b'"[object Object]"', b'"anonymous"', b'"client:x"', b'"sip:%00@x"', b'"\';--"', b'"<script>"', b'"%s{0}\\n"'),
]
# …and what is no JSON, or only to the most lenient reader.
BROKEN: Sequence[bytes] = [
    *(
        b"1e999",
        b"-1e999",
        b"NaN",
        b"Infinity",
        b"9" * 5_000,
        b"[" * DEEP + b"]" * DEEP,
        b'{"a":' * DEEP + b"1" + b"}" * DEEP,
    ),
    *(b'"\\ud800"', b'"\\udfff\\ud800"', b'"\xff\xfe"', b'"\xed\xa0\x80"', b'"\\q"', b"%00", b"%ff%fe", b"%", b"%zz"),
    *(b"\xff", b"", b"=", b"&", b"+", b"%E2%80%A8", b"\x00", b'"\x00"', b"'", b"{", b"01", b"0x1", b"/**/1"),
]
ENCODINGS = ("utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-8-sig", "latin-1", "cp037", "utf-7")
FORM_FIELDS = 10_000


def bent(chance: random.Random, bodies: Sequence[bytes], number: int) -> bytes:
    """One of them, bent in one to three ways; `number` makes some of the names in it new."""
    body = chance.choice(bodies)
    for _ in range(chance.choice((1, 1, 1, 2, 3))):
        (way,) = chance.choices(list(WAYS), list(WAYS.values()))
        body = way(chance, body, bodies)
    return renamed(chance, body, number) if chance.random() < RENAMED else body[:LARGEST]


def odd(chance: random.Random) -> bytes:
    return chance.choice(BROKEN if chance.random() < 0.15 else ODD)


# A body of more is refused whatever it says.
LARGEST = 1_000_000
RENAMED = 0.3
_NAMES = re.compile(rb"[0-9a-f]{8}-[0-9a-f-]{27}|\d{8,}")


def renamed(chance: random.Random, body: bytes, number: int) -> bytes:
    """The same of another call: its longest numbers are new."""
    names = sorted(set(_NAMES.findall(body)))
    for name in chance.sample(names, min(len(names), 3)):
        body = body.replace(name, str(number).encode().rjust(len(name), b"7"))
    return body[:LARGEST]


def _token(chance: random.Random, body: bytes, _bodies: Sequence[bytes]) -> bytes:
    places = list(TOKENS.finditer(body))
    if not places:
        return odd(chance)
    place = chance.choice(places)
    return body[: place.start()] + odd(chance) + body[place.end() :]


def _flipped(chance: random.Random, body: bytes, _bodies: Sequence[bytes]) -> bytes:
    changed = bytearray(body)
    for _ in range(chance.randint(1, 8)):
        if changed:
            changed[chance.randrange(len(changed))] ^= 1 << chance.randrange(8)
    return bytes(changed)


def _cut(chance: random.Random, body: bytes, _bodies: Sequence[bytes]) -> bytes:
    start, end = sorted(chance.randint(0, len(body)) for _ in "ab")
    return chance.choice((body[:start], body[end:], body[:start] + body[end:], b""))


def _spliced(chance: random.Random, body: bytes, bodies: Sequence[bytes]) -> bytes:
    other = chance.choice(bodies)
    return body[: chance.randint(0, len(body))] + other[chance.randint(0, len(other)) :]


def _garbage(chance: random.Random, body: bytes, _bodies: Sequence[bytes]) -> bytes:
    place = chance.randint(0, len(body))
    return body[:place] + chance.randbytes(chance.choice((1, 2, 40))) + body[place:]


def _encoded(chance: random.Random, body: bytes, _bodies: Sequence[bytes]) -> bytes:
    return body.decode(errors="replace").encode(chance.choice(ENCODINGS), errors="replace")


def _doubled(chance: random.Random, body: bytes, _bodies: Sequence[bytes]) -> bytes:
    """A key or a field that is there twice, and not with the same value."""
    keys = re.findall(rb'"[A-Za-z_]+":', body) or re.findall(rb"(?:^|&)[A-Za-z]+=", body)
    if not keys:
        return body + body
    key = chance.choice(keys)
    end = b"," if key.startswith(b'"') else b""
    place = body.index(key) + (len(key) if chance.random() < 0.5 else 0)
    return body[:place] + key + odd(chance) + end + body[place:]


def _restructured(chance: random.Random, body: bytes, bodies: Sequence[bytes]) -> bytes:
    """Types swapped, names changed, things moved, wrapped, left out and repeated, where the body is JSON or a form."""
    try:
        whole = json.loads(body)
    except (ValueError, RecursionError):
        return _form(chance, body, bodies)
    raws: list[bytes] = []
    for _ in range(chance.choice((1, 1, 2, 5))):
        whole = _changed(chance, whole, raws)
    text = json.dumps(whole, ensure_ascii=chance.random() < 0.9).encode(errors="surrogatepass")
    for number, raw in enumerate(raws):
        text = text.replace(f'"@raw{number}@"'.encode(), raw)
    return text


def _changed(chance: random.Random, whole: Any, raws: list[bytes]) -> Any:
    places = list(_places(whole))
    if not places:
        return chance.choice(([whole], {"data": whole}, [whole] * 3, None, str(whole)))
    inside, key = chance.choice(places)
    value = inside[key]
    raws.append(odd(chance))
    # Random, as what compresses well fits where other long names do not.
    long = chance.randbytes(chance.choice((150, LONG, 20_000))).hex()
    values: list[Any] = [
        *(f"@raw{len(raws) - 1}@", None, [], {}, [value], {"id": value}, str(value), long, [value] * 50, _other(value)),
        *(int(value) if isinstance(value, str) and value.isdecimal() and len(value) < 300 else 7, value, [[value]] * 3),
    ]
    inside[key] = chance.choice(values)
    if isinstance(inside, dict) and chance.random() < 0.2:
        name = chance.choice((str(key).upper(), f"{key}\0", "", "\ud800", long, "__proto__", f"{key} "))
        inside[name] = inside.pop(key) if chance.random() < 0.5 else value
    return whole


def _other(value: Any) -> Any:
    """The same in another type."""
    if isinstance(value, bool) or value is None:
        return str(value)
    if isinstance(value, int | float):
        return -value
    return list(value) if isinstance(value, dict | str) else dict(enumerate(value))


def _places(value: Any) -> Iterator[tuple[Any, Any]]:
    children = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, child in children:
        yield value, key
        yield from _places(child)


def _form(chance: random.Random, body: bytes, _bodies: Sequence[bytes]) -> bytes:
    pairs = parse_qsl(body.decode(errors="replace"), keep_blank_values=True)
    strange = odd(chance).decode("latin-1")
    long = chance.randbytes(LONG).hex()
    ways: Sequence[Callable[[], str]] = [
        lambda: urlencode(pairs, quote_via=quote_plus) + "&" + strange,
        lambda: urlencode([(name, strange if chance.random() < 0.2 else value) for name, value in pairs]),
        lambda: urlencode([(name, long if chance.random() < 0.1 else value) for name, value in pairs]),
        lambda: urlencode(pairs) + "&" + "&".join(f"a{number}=%" for number in range(chance.choice((20, FORM_FIELDS)))),
        lambda: "&".join(f"{name}={value}" for name, value in pairs),
        lambda: urlencode(pairs).replace("%", chance.choice(("%25", "%%", "%u00", "=", "\0"))),
        lambda: urlencode(pairs).replace("&", ";"),
        lambda: urlencode([*pairs, *((name, strange) for name, _ in pairs)]),
        lambda: urlencode([pair for pair in pairs if chance.random() < 0.8]),
        lambda: json.dumps(dict(pairs)),
    ]
    return chance.choice(ways)().encode(errors="surrogatepass")


WAYS: dict[Callable[[random.Random, bytes, Sequence[bytes]], bytes], int] = {
    _restructured: 60,
    _token: 20,
    _flipped: 4,
    _doubled: 8,
    _spliced: 3,
    _garbage: 3,
    _cut: 4,
    _encoded: 2,
}
