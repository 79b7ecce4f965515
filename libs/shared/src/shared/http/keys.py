"""API keys: ``tl_<8 id>_<40 random>_<8 checksum>``, where the id is public and the checksum catches typing errors.

Only the SHA-256 of a key is stored: with 200 random bits a slow hash would protect nothing more.
"""

import hashlib
import hmac
import secrets
import string
import zlib

ALPHABET = string.ascii_lowercase + string.digits
ID_LENGTH = 8
SECRET_LENGTH = 40


class MalformedKey(ValueError):
    """The text is not a key of ours; the message never repeats it."""


def new_key() -> str:
    """A fresh key. Show it once; store `key_hash` of it."""
    body = f"tl_{_random(ID_LENGTH)}_{_random(SECRET_LENGTH)}"
    return f"{body}_{_checksum(body)}"


def key_id(key: str) -> str:
    """The public part by which a key is looked up. Raises `MalformedKey`."""
    body, _, checksum = key.rpartition("_")
    parts = body.split("_")
    lengths = [len(part) for part in parts]
    if lengths != [2, ID_LENGTH, SECRET_LENGTH] or not hmac.compare_digest(_checksum(body), checksum):
        raise MalformedKey("This is not a Trunkline key.")
    return parts[1]


def key_hash(key: str) -> str:
    """SHA-256 of the whole key, in hexadecimal."""
    return hashlib.sha256(key.encode()).hexdigest()


def _random(length: int) -> str:
    return "".join(secrets.choice(ALPHABET) for _ in range(length))


def _checksum(body: str) -> str:
    return f"{zlib.crc32(body.encode()):08x}"
