# SPDX-License-Identifier: Apache-2.0
"""Taking DER apart and putting it together, to make envelopes that no program makes."""
import zlib

SEQUENCE, SET, OCTETS, INTEGER, OBJECT = 0x30, 0x31, 0x04, 0x02, 0x06


def length(n):
    if n < 128:
        return bytes([n])
    digits = n.to_bytes((n.bit_length() + 7) // 8, "big")
    return bytes([0x80 | len(digits)]) + digits


def tlv(tag, *content):
    whole = b"".join(content)
    return bytes([tag]) + length(len(whole)) + whole


def oid(text):
    arcs = [int(a) for a in text.split(".")]
    out = bytes([arcs[0] * 40 + arcs[1]])
    for arc in arcs[2:]:
        digits = [arc & 127]
        while arc > 127:
            arc >>= 7
            digits.append(128 | arc & 127)
        out += bytes(reversed(digits))
    return tlv(OBJECT, out)


def number(n):
    return tlv(INTEGER, n.to_bytes(n.bit_length() // 8 + 1, "big"))


class Node:
    """An element: its tag and its children, or its octets where it is primitive."""

    def __init__(self, tag, children=None, octets=b""):
        self.tag, self.children, self.octets = tag, children, octets

    def __getitem__(self, index):
        return self.children[index]

    def encode(self):
        return tlv(self.tag, self.octets) if self.children is None else tlv(self.tag, *(c.encode() for c in self.children))


def parse(data):
    node, rest = _parse(data)
    assert not rest
    return node


def _parse(data):
    tag, size, at = data[0], data[1], 2
    if size & 0x80:
        at += size & 0x7f
        size = int.from_bytes(data[2:at], "big")
    content, rest = data[at:at + size], data[at + size:]
    if not tag & 0x20:
        return Node(tag, octets=content), rest
    children = []
    while content:
        child, content = _parse(content)
        children.append(child)
    return Node(tag, children), rest


DATA, SIGNED, ENVELOPED, DIGESTED, ENCRYPTED = (f"1.2.840.113549.1.7.{n}" for n in (1, 2, 3, 5, 6))
COMPRESSED, AUTH_ENVELOPED, ZLIB = "1.2.840.113549.1.9.16.1.9", "1.2.840.113549.1.9.16.1.23", "1.2.840.113549.1.9.16.3.8"


def content_info(kind, body):
    return tlv(SEQUENCE, oid(kind), tlv(0xa0, body))


def compress(data):
    """CompressedData, which OpenSSL of Debian cannot make."""
    return content_info(COMPRESSED, tlv(SEQUENCE, number(0), tlv(SEQUENCE, oid(ZLIB)),
                                        tlv(SEQUENCE, oid(DATA), tlv(0xa0, tlv(OCTETS, zlib.compress(data))))))


class Envelope:
    """EnvelopedData or AuthEnvelopedData, made by a program and open to changes."""

    def __init__(self, data):
        self.whole = parse(data)
        body = self.whole[1][0]
        at = next(i for i, c in enumerate(body.children) if c.tag == SET)
        self.recipients, self.info = body[at], body[at + 1]
        self.body = body

    @property
    def algorithm(self):
        return self.info[1]

    @property
    def content(self):
        return self.info[2]

    @property
    def first(self):
        return self.recipients[0]

    def encode(self):
        return self.whole.encode()
