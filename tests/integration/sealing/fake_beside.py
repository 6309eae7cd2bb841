# SPDX-License-Identifier: Apache-2.0
"""Genuine envelopes with a letter where programs write keys, names and attributes, or with keys that are none."""
import bz2
import gzip
import random
import zlib

from sealing import der
from sealing.cases import fake, genuine
from sealing.fake_smime import NOISE, envelope, with_content
from sealing.shapes import smime

_WORDS = random.Random(3)
PROSE = " ".join(_WORDS.choice(("settlement", "two", "million", "court", "witness")) + str(_WORDS.randint(0, 999)) for _ in range(1000)).encode()
TEXT = der.tlv(0x0c, PROSE)
KIND = der.oid("1.2.840.113549.1.9.13")


def envelopes(group, name, change):
    """One fake for each: `change` is given an Envelope."""
    def make(lab):
        made = envelope(lab)
        change(made)
        return smime(made.encode())
    make.__name__ = name
    fake(group)(make)


def add_attributes(made):
    made.body.children.append(der.parse(der.tlv(0xa1, der.tlv(der.SEQUENCE, KIND, der.tlv(der.SET, TEXT)))))


def add_recipient(info):
    def change(made):
        made.recipients.children.append(der.parse(info))
    return change


def add_originator(made):
    made.body.children.insert(1, der.parse(der.tlv(0xa0, der.tlv(0xa1, der.tlv(0xa1, KIND, TEXT)))))


def set_key(key):
    def change(made):
        made.first[3].octets = key
    return change


WRAP = der.tlv(der.SEQUENCE, der.oid("2.16.840.1.101.3.4.1.45"))
LOCK = der.tlv(0xa2, der.number(4), der.tlv(der.SEQUENCE, der.tlv(der.OCTETS, PROSE)), WRAP, der.tlv(der.OCTETS, NOISE(40)))
WIDE = der.tlv(0xa2, der.number(4), der.tlv(der.SEQUENCE, der.tlv(der.OCTETS, PROSE.decode().encode("utf-16-le"))), WRAP, der.tlv(der.OCTETS, NOISE(40)))
NAME = der.tlv(der.SEQUENCE, der.tlv(der.SET, der.tlv(der.SEQUENCE, der.oid("2.5.4.3"), TEXT)))
NAMED = der.tlv(der.SEQUENCE, der.number(0), der.tlv(der.SEQUENCE, NAME, der.number(1)), der.tlv(
    der.SEQUENCE, der.oid("1.2.840.113549.1.1.1")), der.tlv(der.OCTETS, NOISE(256)))

envelopes("beside", "a_letter_in_an_attribute", add_attributes)
envelopes("beside", "a_letter_as_the_name_of_a_shared_key", add_recipient(LOCK))
envelopes("beside", "a_wide_letter_as_the_name_of_a_shared_key", add_recipient(WIDE))
envelopes("beside", "a_letter_as_another_recipient", add_recipient(der.tlv(0xa4, KIND, TEXT)))
envelopes("beside", "a_letter_as_the_issuer_of_another_recipient", add_recipient(NAMED))
envelopes("beside", "a_letter_about_the_originator", add_originator)
envelopes("keys", "zeros_for_a_key", set_key(bytes(256)))
envelopes("keys", "a_letter_for_a_key", set_key(PROSE[:256]))
envelopes("keys", "a_bare_key_filled_up", set_key(bytes(224) + NOISE(32)))


def filled(data):
    return data + bytes(-len(data) % 16)


for _name, _content in (("a_letter_of_one_block", b"Settle at 2m GBP"), ("a_letter_of_two_blocks", "The settlement is 2 million.££££".encode("latin-1")),
                        ("a_letter_in_gzip", filled(gzip.compress(PROSE))), ("a_letter_in_zlib", filled(zlib.compress(PROSE))),
                        ("a_letter_in_bzip2", filled(bz2.compress(PROSE))), ("a_deflated_letter", filled(zlib.compress(PROSE, wbits=-15)))):
    def _make(lab, content=_content):
        return with_content(lab, content)
    _make.__name__ = _name
    fake("content")(_make)

genuine("taken apart", "smime", "noise as the key", lambda lab: smime(with_key(lab, NOISE(256))))
genuine("taken apart", "smime", "a key of another length than theirs", lambda lab: smime(with_key(lab, NOISE(128))), nora="none")
genuine("taken apart", "smime", "a block of noise", lambda lab: with_content(lab, NOISE(16)))


def with_key(lab, key):
    made = envelope(lab)
    set_key(key)(made)
    return made.encode()
