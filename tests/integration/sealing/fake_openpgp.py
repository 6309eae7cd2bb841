# SPDX-License-Identifier: Apache-2.0
"""What calls itself OpenPGP, or holds some, and is readable by others than its recipients."""
import base64
import random

from sealing.cases import fake, genuine
from sealing.lab import NORA
from sealing.shapes import B64, LETTER, PROTOCOL, VERSION, attached, b64, message, multipart, nested, octets, part, pgp_mime

EVE = "eve@tidewater.test"
NOISE = random.Random(2).randbytes
LONG = LETTER.encode() * 20


def sealed(lab, *options):
    return lab.gpg("--armor", "--encrypt", *(options or ("-r", NORA)))


def binary(lab):
    """(session key, data packet) of one message, without pieces."""
    whole = lab.gpg_file("--encrypt", "-r", NORA)
    size = 3 + int.from_bytes(whole[1:3], "big")  # gpg writes the first in the old form, with two bytes of length
    assert whole[0] == 0x85
    return whole[:size], whole[size:]


def armored(data, label="MESSAGE", head=""):
    return f"-----BEGIN PGP {label}-----\n{head}\n{b64(data)}-----END PGP {label}-----\n"


def packet(tag, body):
    return bytes([0xc0 | tag, 0xff]) + len(body).to_bytes(4, "big") + body


def literal(text=LONG):
    return packet(11, b"b\0\0\0\0\0" + text)


def forged(*packets):
    return pgp_mime(armored(b"".join(packets)))


# What the fakes are made from counts as long as nothing is changed.
genuine("taken apart", "openpgp", "two packets", lambda lab: forged(*binary(lab)))
genuine("taken apart", "openpgp", "noise as data", lambda lab: forged(binary(lab)[0], packet(18, b"\x01" + NOISE(5000))))
genuine("taken apart", "openpgp", "pieces", lambda lab: forged(binary(lab)[0], bytes([0xc0 | 18, 0xe0 | 9, 1]) + NOISE(511) + b"\x05" + NOISE(5)))
genuine("taken apart", "openpgp", "marker and padding", lambda lab: forged(packet(10, b"PGP"), *binary(lab), packet(21, NOISE(30))))


# No encrypted message

@fake("message")
def signed_only(lab):
    return pgp_mime(lab.gpg("--armor", "--sign", "-u", EVE))


@fake("message")
def clear_signed(lab):
    return message("\n", lab.gpg("--clear-sign", "-u", EVE))


@fake("message")
def stored(lab):
    return pgp_mime(lab.gpg("--armor", "--store"))


@fake("message")
def literal_inline(lab):
    return message("\n", armored(literal()))


@fake("message")
def compressed_openpgp(lab):
    return forged(packet(8, b"\0" + literal()))


@fake("message")
def a_public_key(lab):
    return message("\n", lab.gpg("--armor", "--export", NORA, data=b""))


@fake("message")
def a_public_key_as_pgp_mime(lab):
    return pgp_mime(lab.gpg("--armor", "--export", NORA, data=b""))


@fake("message")
def a_signature(lab):
    return message("\n", lab.gpg("--armor", "--detach-sign", "-u", EVE))


# Recipients and packets

@fake("packets")
def a_password_openpgp(lab):
    return pgp_mime(lab.gpg("--armor", "--symmetric", "--passphrase", "x"))


@fake("packets")
def a_password_by_sq_and_no_key(lab):
    key, data = binary(lab)
    return forged(packet(3, b"\x04\x09\x00\x08"), data)


@fake("packets")
def no_session_key(lab):
    return forged(binary(lab)[1])


@fake("packets")
def no_data(lab):
    return forged(binary(lab)[0])


@fake("packets")
def a_letter_behind_a_session_key(lab):
    return forged(binary(lab)[0], literal())


@fake("packets")
def without_integrity_protection(lab):
    key, data = binary(lab)
    return forged(key, packet(9, NOISE(200)))


@fake("packets")
def a_letter_as_protected_data(lab):
    return forged(binary(lab)[0], packet(18, b"\x01" + LONG))


@fake("packets")
def a_letter_behind_noise_as_protected_data(lab):
    return forged(binary(lab)[0], packet(18, b"\x01" + NOISE(8192) + LONG * 4))


@fake("packets")
def a_letter_in_later_pieces(lab):
    body = b"\x01" + NOISE(511)
    pieces = bytes([0xc0 | 18, 0xe0 | 9]) + body + bytes([0xff]) + len(LONG).to_bytes(4, "big") + LONG
    return forged(binary(lab)[0], pieces)


@fake("packets")
def too_little_data(lab):
    return forged(binary(lab)[0], packet(18, b"\x01" + NOISE(20)))


@fake("packets")
def data_of_no_version(lab):
    return forged(binary(lab)[0], packet(18, b"\x09" + NOISE(200)))


@fake("packets")
def a_letter_behind_the_data(lab):
    return forged(*binary(lab), literal())


@fake("packets")
def two_messages(lab):
    return forged(*binary(lab), *binary(lab))


@fake("packets")
def the_session_key_in_clear(lab):
    return forged(packet(1, b"\x03" + binary(lab)[0][4:12] + b"\x01\x01\x00" + NOISE(32)), binary(lab)[1])


@fake("packets")
def an_empty_session_key(lab):
    return forged(packet(1, b"\x03" + binary(lab)[0][4:12] + b"\x01\x00\x00"), binary(lab)[1])


def number(bits):
    """As programs write one (RFC 9580, section 3.2)."""
    return bits.to_bytes(2, "big") + (1 << (bits - 1) | random.Random(bits).getrandbits(bits - 1)).to_bytes((bits + 7) // 8, "big")


def to_nora(lab, fields):
    """A session key that names nora's key of 2,048 bits."""
    key, data = binary(lab)
    return forged(packet(1, b"\x03" + key[4:12] + fields), data)


genuine("taken apart", "openpgp", "a number as long as the modulus", lambda lab: to_nora(lab, b"\x01" + number(2047)))
for _what, _fields in (("longer than the modulus", b"\x01" + number(2049)), ("far longer", b"\x01" + number(16000)), ("far shorter", b"\x01" + number(1024)),
                       ("a point", b"\x12" + number(515) + b"\x30" + NOISE(48)), ("two", b"\x10" + number(2048) + number(2048))):
    genuine("taken apart", "openpgp", f"a number for an RSA key: {_what}", lambda lab, f=_fields: to_nora(lab, f), nora="none")


@fake("packets")
def a_session_key_by_no_known_algorithm(lab):
    return forged(packet(1, b"\x03" + binary(lab)[0][4:12] + b"\x63" + NOISE(256)), binary(lab)[1])


@fake("packets")
def a_session_key_of_another_generation(lab):
    return forged(packet(1, b"\x06\x15\x04" + NOISE(20) + b"\x19" + NOISE(32) + b"\x20" + NOISE(32)), binary(lab)[1])


@fake("packets")
def gnupg_form_with_a_letter(lab):
    return forged(binary(lab)[0], packet(20, b"\x01\x09\x02\x10" + LONG))


@fake("packets")
def a_letter_as_a_marker(lab):
    return forged(packet(10, LONG), *binary(lab))


@fake("packets")
def a_letter_as_padding(lab):
    return forged(*binary(lab), packet(21, LONG))


@fake("packets")
def a_letter_as_the_key_of_a_password(lab):
    return forged(packet(3, b"\x04" + LONG), *binary(lab))


@fake("packets")
def cut_openpgp(lab):
    key, data = binary(lab)
    return forged(key, data[:-5])


# The armor

@fake("armor")
def under_the_label_of_a_key(lab):
    return pgp_mime(armored(b"".join(binary(lab)), "PUBLIC KEY BLOCK"))


@fake("armor")
def under_the_label_of_a_part(lab):
    return pgp_mime(armored(b"".join(binary(lab)), "MESSAGE, PART 1"))


@fake("armor")
def a_letter_in_its_head(lab):
    return pgp_mime(armored(b"".join(binary(lab)), head="".join(f"Comment: {LETTER}" for _ in range(10))))


@fake("armor")
def a_letter_around_it(lab):
    return pgp_mime(LETTER + sealed(lab).decode() + LETTER)


@fake("armor")
def base64_that_is_none(lab):
    return pgp_mime(sealed(lab).replace(b"\n\n", b"\n\n***", 1))


@fake("armor")
def text_in_the_octets(lab):
    return pgp_mime(LETTER)


@fake("armor")
def without_armor_in_base64(lab):
    return pgp_mime(base64.b64encode(b"".join(binary(lab))))


# PGP/MIME

@fake("pgp-mime")
def a_third_part(lab):
    return multipart("encrypted", VERSION, octets(sealed(lab)), part("", LETTER), parameters=PROTOCOL)


@fake("pgp-mime")
def one_part(lab):
    return multipart("encrypted", octets(sealed(lab)), parameters=PROTOCOL)


@fake("pgp-mime")
def a_readable_second_part(lab):
    return multipart("encrypted", VERSION, part("", LETTER), parameters=PROTOCOL)


@fake("pgp-mime")
def text_instead_of_octets(lab):
    return multipart("encrypted", VERSION, part("Content-Type: text/plain\n", sealed(lab)), parameters=PROTOCOL)


@fake("pgp-mime")
def no_version(lab):
    return multipart("encrypted", part("Content-Type: application/pgp-encrypted\n", "\n"), octets(sealed(lab)), parameters=PROTOCOL)


@fake("pgp-mime")
def another_version(lab):
    return multipart("encrypted", part("Content-Type: application/pgp-encrypted\n", "Version: 2\n"), octets(sealed(lab)), parameters=PROTOCOL)


@fake("pgp-mime")
def words_below_the_version(lab):
    return multipart("encrypted", part("Content-Type: application/pgp-encrypted\n", "Version: 1\n" + LETTER), octets(sealed(lab)), parameters=PROTOCOL)


@fake("pgp-mime")
def the_version_as_text(lab):
    return multipart("encrypted", part("Content-Type: text/plain\n", "Version: 1\n"), octets(sealed(lab)), parameters=PROTOCOL)


@fake("pgp-mime")
def another_protocol(lab):
    return multipart("encrypted", VERSION, octets(sealed(lab)), parameters='; protocol="application/x-ours"')


@fake("pgp-mime")
def no_protocol(lab):
    return multipart("encrypted", VERSION, octets(sealed(lab)))


@fake("pgp-mime")
def words_before_the_parts(lab):
    return pgp_mime(sealed(lab), before=LETTER)


@fake("pgp-mime")
def words_behind_the_parts(lab):
    return pgp_mime(sealed(lab), after=LETTER)


@fake("pgp-mime")
def a_list_with_its_footer(lab):
    return multipart("mixed", nested(pgp_mime(sealed(lab))), part("", "You get this mail because you are on the list.\n"))


@fake("pgp-mime")
def a_letter_in_place_of_the_signature_openpgp(lab):
    return multipart("signed", nested(pgp_mime(sealed(lab))), part("Content-Type: application/pgp-signature\n", LETTER))


# Inline

@fake("inline")
def armor_inside_a_letter(lab):
    return message("\n", LETTER, sealed(lab))


@fake("inline")
def armor_above_a_signature(lab):
    return message("\n", sealed(lab), "-- \nAlice Aldous\nThe settlement is two million.\n")


@fake("inline")
def two_armored_messages(lab):
    return message("\n", sealed(lab), sealed(lab))


@fake("inline")
def a_page_beside_the_armor(lab):
    return multipart("alternative", part("", sealed(lab)), part("Content-Type: text/html\n", f"<p>{LETTER}"))


@fake("inline")
def armor_in_a_page(lab):
    return message("Content-Type: text/html\n\n<pre>", sealed(lab), "</pre>")


@fake("inline")
def a_readable_file_beside_the_armor(lab):
    return multipart("mixed", part("", sealed(lab)), attached(LETTER, "lease.txt"))


@fake("inline")
def a_sandwich_around_the_armor(lab):
    return multipart("mixed", part("Content-Type: text/html\n", '<img src="https://evil.test/'), part("", sealed(lab)), part(
        "Content-Type: text/html\n", '">'))


@fake("inline")
def an_encrypted_file_beside_a_letter(lab):
    return multipart("mixed", part("", LETTER), attached(lab.gpg("--encrypt", "-r", NORA), "lease.docx.gpg"))


@fake("inline")
def a_readable_file_called_encrypted(lab):
    return multipart("mixed", part("", "\n"), attached(LETTER, "lease.docx.pgp", "application/pgp-encrypted"))


@fake("inline")
def a_key_beside_a_letter(lab):
    return multipart("mixed", part("", LETTER), part("Content-Type: application/pgp-keys\n", lab.gpg("--armor", "--export", NORA, data=b"")))


@fake("inline")
def quoted_by_who_answers(lab):
    return message("\n", "> ", sealed(lab).replace(b"\n", b"\n> "), "\n", LETTER)


# A letter where keys stand

PROSE = " ".join(random.Random(4).choice(("settlement", "two", "million", "court")) + str(i) for i in range(200)).encode()


@fake("keys")
def a_letter_as_a_key_of_no_known_algorithm(lab):
    return forged(packet(1, b"\x03" + NOISE(8) + b"\x63" + PROSE), *binary(lab))


@fake("keys")
def a_letter_as_an_rsa_number(lab):
    return forged(packet(1, b"\x03" + NOISE(8) + b"\x01\x08\x00" + PROSE[:256]), *binary(lab))


@fake("armor")
def a_short_letter_in_its_head(lab):
    return pgp_mime(armored(b"".join(binary(lab)), head="".join(f"Comment: {LETTER}" for _ in range(2))))


@fake("armor")
def a_letter_as_names_in_its_head(lab):
    return pgp_mime(armored(b"".join(binary(lab)), head=LETTER.replace(" ", ": ", 1) * 2))


for _head in ("Version: GnuPG v2.0.22 (GNU/Linux)\nComment: Using GnuPG with Thunderbird - https://www.enigmail.net/\n", "Charset: utf-8\n",
              "Version: ProtonMail\nComment: https://protonmail.com\n"):
    genuine("taken apart", "openpgp", _head, lambda lab, h=_head: pgp_mime(armored(b"".join(binary(lab)), head=h)))


# The headers of parts, and what Exchange makes of them

DESCRIBED = f"Content-Description: {LETTER}"


def rewritten(lab, *more, version="VmVyc2lvbjogMQ0K\n"):
    kind = 'Content-Type: application/pgp-encrypted; name="ATT00001"\n'
    description = "Content-Description: PGP/MIME version identification\n"
    return multipart("mixed", part("", "\n"), part(f'{kind}{description}Content-Disposition: attachment; filename="ATT00001"\n{B64}', version), attached(
        sealed(lab), "encrypted.asc"), *more)


genuine("rewritten", "openpgp", "by Exchange", rewritten)


@fake("pgp-mime")
def rewritten_with_a_letter(lab):
    return rewritten(lab, part("", LETTER))


@fake("pgp-mime")
def rewritten_with_another_version(lab):
    return rewritten(lab, version=b64(LETTER))


@fake("headers")
def a_letter_as_a_description(lab):
    return multipart("encrypted", VERSION, part(f"Content-Type: application/octet-stream\n{DESCRIBED}", sealed(lab)), parameters=PROTOCOL)


@fake("headers")
def a_letter_as_a_header_of_the_version(lab):
    return multipart("encrypted", part(f"Content-Type: application/pgp-encrypted\nX-Letter: {LETTER}", "Version: 1\n"), octets(sealed(lab)), parameters=PROTOCOL)


@fake("headers")
def a_letter_as_a_file_name(lab):
    return multipart("encrypted", VERSION, part(f'Content-Type: application/octet-stream; name="{LETTER.strip()}"\n', sealed(lab)), parameters=PROTOCOL)


@fake("headers")
def a_letter_as_a_parameter(lab):
    return multipart("encrypted", VERSION, octets(sealed(lab)), parameters=f'{PROTOCOL}; x="{LETTER.strip()}"')
