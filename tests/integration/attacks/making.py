# SPDX-License-Identifier: Apache-2.0
"""What the generators are made of: the list of them, and pieces of messages."""
import base64
import collections
import random

Attack = collections.namedtuple("Attack", "name group sees make")
ATTACKS = []

FROM, TO = "alice@aldous.test", "nora@harbour.test"
FILLER = ("the lease of the shop", "minutes of the meeting", "as we said on Monday", "please find below", "kind regards from us all")


def attack(group, sees="word"):
    def add(make):
        ATTACKS.append(Attack(make.__name__, group, sees, make))
        return make
    return add


def words(rng, count=4):
    return "\r\n".join(rng.choice(FILLER) for _ in range(count)) + "\r\n"


def message(headers, body, mime=True):
    """`headers` as they stand, bytes or text, each line complete."""
    head = f"From: {FROM}\r\nTo: {TO}\r\nMessage-ID: <1@aldous.test>\r\n" + ("MIME-Version: 1.0\r\n" if mime else "")
    return head.encode() + as_bytes(headers) + b"\r\n" + as_bytes(body)


def as_bytes(text):
    return text if isinstance(text, bytes) else text.encode()


def b64(text, line=76):
    whole = base64.b64encode(as_bytes(text)).decode()
    return "".join(whole[i:i + line] + "\r\n" for i in range(0, len(whole), line))


def secret(rng, word):
    return words(rng) + "the word is " + word + " here\r\n" + words(rng)


def hidden_part(rng, word, boundary):
    return f"--{boundary}\r\nContent-Type: text/plain\r\nContent-Transfer-Encoding: base64\r\n\r\n{b64(secret(rng, word))}"


def plain_part(rng, boundary):
    return f"--{boundary}\r\nContent-Type: text/plain\r\n\r\n{words(rng)}"


def name_for(rng):
    return "b" + "".join(rng.choice("abcdefgh0123456789") for _ in range(rng.randint(3, 20)))


def mixed(rng, word, parameters, boundary, before="", after=""):
    """A multipart/mixed with `parameters` as they stand, whose second part in `boundary` holds the word."""
    body = before + plain_part(rng, boundary) + hidden_part(rng, word, boundary) + f"--{boundary}--\r\n" + after
    return message(f"Content-Type: multipart/mixed{parameters}\r\n", body)


def generate(attack_, seed, word):
    return attack_.make(random.Random(f"{attack_.name} {seed}"), word)
