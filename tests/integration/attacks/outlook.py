# SPDX-License-Identifier: Apache-2.0
"""Outlook's own form (TNEF), and bodies that are elsewhere."""
import struct

from attacks.making import attack, b64, message, name_for, plain_part, secret


def tnef_attribute(level, ident, kind, data):
    return struct.pack("<BHHI", level, ident, kind, len(data)) + data + struct.pack("<H", sum(data) & 0xffff)


def mapi(*properties):
    out = struct.pack("<I", len(properties))
    for kind, ident, data in properties:
        out += struct.pack("<HHII", kind, ident, 1, len(data)) + data + b"\0" * (-len(data) % 4)
    return out


def winmail(rng, *attributes, kind="application/ms-tnef"):
    data = struct.pack("<IH", 0x223e9f78, 1) + tnef_attribute(1, 0x9006, 8, b"\0\0\1\0") + b"".join(attributes)
    b = name_for(rng)
    part = f"--{b}\r\nContent-Type: {kind}; name=winmail.dat\r\nContent-Transfer-Encoding: base64\r\n\r\n{b64(data)}"
    return message(f"Content-Type: multipart/mixed; boundary={b}\r\n", plain_part(rng, b) + part + f"--{b}--\r\n")


KINDS = ["application/ms-tnef", "application/vnd.ms-tnef", "application/octet-stream"]


@attack("Text")
def outlooks_body(rng, word):
    return winmail(rng, tnef_attribute(1, 0x800c, 2, secret(rng, word).encode() + b"\0"), kind=rng.choice(KINDS))


@attack("Text")
def outlooks_properties(rng, word):
    kind, coded = rng.choice([(0x1e, secret(rng, word).encode() + b"\0"), (0x1f, secret(rng, word).encode("utf-16-le") + b"\0\0")])
    other = (0x1e, 0x0070, b"topic\0")
    return winmail(rng, tnef_attribute(1, 0x9003, 6, mapi(other, (kind, 0x1000, coded), other)))


@attack("Text")
def outlooks_html(rng, word):
    return winmail(rng, tnef_attribute(1, 0x9003, 6, mapi((0x102, 0x1013, f"<p>{word}</p>".encode()))))


@attack("Text", sees="name")
def outlooks_attachment(rng, word):
    return winmail(rng, tnef_attribute(2, 0x9002, 6, bytes(14)), tnef_attribute(2, 0x8010, 1, f"{word}.exe".encode() + b"\0"),
                   tnef_attribute(2, 0x800f, 6, bytes(range(40))))


@attack("Text")
def words_in_outlooks_attachment(rng, word):
    return winmail(rng, tnef_attribute(2, 0x9002, 6, bytes(14)), tnef_attribute(2, 0x8010, 1, b"a.txt\0"),
                   tnef_attribute(2, 0x800f, 6, secret(rng, word).encode()))


@attack("Text")
def outlooks_rich_text(rng, word):
    rtf = ("{\\rtf1\\ansi " + "".join(f"\\'{ord(c):02x}" for c in word) + "}").encode()
    packed = struct.pack("<IIII", len(rtf) + 12, len(rtf), 0x414c454d, 0) + rtf
    return winmail(rng, tnef_attribute(1, 0x9003, 6, mapi((0x102, 0x1009, packed))))


@attack("Text", sees=None)
def outlooks_form_cut_short(rng, word):
    data = struct.pack("<IH", 0x223e9f78, 1) + tnef_attribute(1, 0x800c, 2, secret(rng, word).encode())[:-rng.randint(3, 40)]
    return message("Content-Type: application/ms-tnef\r\nContent-Transfer-Encoding: base64\r\n", b64(data))


@attack("Text", sees=None)
def a_piece_of_a_message(rng, word):
    return message(f'Content-Type: message/partial; id="{name_for(rng)}"; number=1; total=2\r\n', "Subject: x\r\n\r\n" + b64(word))


@attack("Text", sees=None)
def a_body_elsewhere(rng, word):
    return message(f'Content-Type: message/external-body; access-type=URL; URL="http://x.test/{name_for(rng)}"\r\n', "Content-Type: text/plain\r\n\r\n")
