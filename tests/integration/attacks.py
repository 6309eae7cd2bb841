# SPDX-License-Identifier: Apache-2.0
"""Messages that hide a word or a file from some readers and show it to others, made from a seed.

Each generator takes a random.Random and the word and gives the bytes of one message. Its classes are those of the reference on odd and
hostile messages. `sees` names what must be found in spite of all: the "word", a file's "name", or nothing, where it is enough to say that
the message cannot be judged."""
import base64
import collections
import quopri
import random
import struct

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


# ---- MIME ambiguity: repeated headers ----

@attack("MIME ambiguity")
def content_type_twice_multipart_first(rng, word):
    b = name_for(rng)
    body = plain_part(rng, b) + hidden_part(rng, word, b) + f"--{b}--\r\n"
    return message(f"Content-Type: multipart/mixed; boundary={b}\r\nContent-Type: text/plain\r\n", body)


@attack("MIME ambiguity")
def content_type_twice_multipart_last(rng, word):
    b = name_for(rng)
    body = plain_part(rng, b) + hidden_part(rng, word, b) + f"--{b}--\r\n"
    return message(f"Content-Type: text/plain\r\nContent-Type: multipart/mixed; boundary={b}\r\n", body)


@attack("MIME ambiguity")
def content_type_many_times(rng, word):
    b = name_for(rng)
    others = ["Content-Type: text/plain\r\n"] * rng.randint(2, 6)
    others.insert(rng.choice([0, 1, len(others)]), f"Content-Type: multipart/mixed; boundary={b}\r\n")
    return message("".join(others), plain_part(rng, b) + hidden_part(rng, word, b) + f"--{b}--\r\n")


@attack("MIME ambiguity")
def content_types_with_two_boundaries(rng, word):
    a, b = name_for(rng), name_for(rng) + "z"
    kinds = [f"Content-Type: multipart/mixed; boundary={x}\r\n" for x in (a, b)]
    rng.shuffle(kinds)
    body = plain_part(rng, a) + hidden_part(rng, word, b) + f"--{b}--\r\n--{a}--\r\n"
    return message("".join(kinds), body)


@attack("MIME ambiguity")
def transfer_encoding_twice(rng, word):
    kinds = ["Content-Transfer-Encoding: base64\r\n", "Content-Transfer-Encoding: 7bit\r\n"]
    rng.shuffle(kinds)
    return message("Content-Type: text/plain\r\n" + "".join(kinds), b64(secret(rng, word)))


@attack("MIME ambiguity")
def transfer_encoding_many_times(rng, word):
    kinds = ["7bit", "quoted-printable", "8bit", "binary"] * rng.randint(1, 2)
    kinds.insert(rng.randrange(len(kinds) + 1), "base64")
    return message("".join(f"Content-Transfer-Encoding: {k}\r\n" for k in kinds), b64(secret(rng, word)))


@attack("MIME ambiguity")
def transfer_encoding_twice_in_a_part(rng, word):
    b, kinds = name_for(rng), ["base64", "7bit"]
    rng.shuffle(kinds)
    part = f"--{b}\r\n" + "".join(f"Content-Transfer-Encoding: {k}\r\n" for k in kinds) + "\r\n" + b64(secret(rng, word))
    return message(f"Content-Type: multipart/mixed; boundary={b}\r\n", plain_part(rng, b) + part + f"--{b}--\r\n")


@attack("MIME ambiguity")
def content_type_twice_in_a_part(rng, word):
    b, inner = name_for(rng), name_for(rng) + "q"
    kinds = [f"Content-Type: multipart/mixed; boundary={inner}\r\n", "Content-Type: application/octet-stream\r\n"]
    rng.shuffle(kinds)
    part = f"--{b}\r\n" + "".join(kinds) + "\r\n" + hidden_part(rng, word, inner) + f"--{inner}--\r\n"
    return message(f"Content-Type: multipart/mixed; boundary={b}\r\n", plain_part(rng, b) + part + f"--{b}--\r\n")


@attack("MIME ambiguity", sees="name")
def disposition_twice(rng, word):
    b, kinds = name_for(rng), [f"Content-Disposition: attachment; filename={word}.docm\r\n", "Content-Disposition: attachment; filename=a.txt\r\n"]
    rng.shuffle(kinds)
    part = f"--{b}\r\nContent-Type: application/octet-stream\r\n" + "".join(kinds) + "Content-Transfer-Encoding: base64\r\n\r\nAAEC\r\n"
    return message(f"Content-Type: multipart/mixed; boundary={b}\r\n", plain_part(rng, b) + part + f"--{b}--\r\n")


# ---- MIME ambiguity: boundaries ----

@attack("MIME ambiguity")
def two_boundary_parameters(rng, word):
    a, b = name_for(rng), name_for(rng) + "z"
    pair = [f"; boundary={a}", f"; boundary={b}"]
    rng.shuffle(pair)
    return mixed(rng, word, "".join(pair), b, before=f"--{a}\r\n\r\n{words(rng)}", after=f"--{a}--\r\n")


@attack("MIME ambiguity")
def three_boundary_parameters(rng, word):
    a, b, c = name_for(rng), name_for(rng) + "z", name_for(rng) + "y"
    trio = [f"; boundary={a}", f'; boundary="{b}"', f"; BOUNDARY={c}"]
    rng.shuffle(trio)
    return mixed(rng, word, "".join(trio), b, before=f"--{a}\r\n\r\n{words(rng)}--{c}\r\n\r\n{words(rng)}", after=f"--{a}--\r\n")


@attack("MIME ambiguity")
def boundary_in_pieces(rng, word):
    b = name_for(rng) + "tail"
    cut = rng.randint(1, len(b) - 1)
    return mixed(rng, word, f"; boundary*0={b[:cut]}; boundary*1={b[cut:]}", b)


@attack("MIME ambiguity")
def boundary_in_pieces_out_of_order(rng, word):
    b = name_for(rng) + "tail"
    return mixed(rng, word, f"; boundary*1={b[3:]}; boundary*0={b[:3]}", b)


@attack("MIME ambiguity")
def boundary_in_pieces_with_a_gap(rng, word):
    b = name_for(rng) + "tail"
    return mixed(rng, word, f"; boundary*0={b[:3]}; boundary*2={b[3:]}", rng.choice([b, b[:3]]))


@attack("MIME ambiguity")
def boundary_in_pieces_beside_a_whole_one(rng, word):
    a, b = name_for(rng), name_for(rng) + "tail"
    return mixed(rng, word, f"; boundary={a}; boundary*0={b[:3]}; boundary*1={b[3:]}", rng.choice([a, b]))


@attack("MIME ambiguity")
def boundary_with_percent_signs(rng, word):
    b = name_for(rng)
    coded = "".join(f"%{ord(c):02x}" for c in b)
    return mixed(rng, word, f"; boundary*=us-ascii''{coded}", rng.choice([b, f"us-ascii''{coded}", coded]))


@attack("MIME ambiguity")
def boundary_as_an_encoded_word(rng, word):
    b = name_for(rng)
    written = "=?us-ascii?Q?" + b + "?="
    return mixed(rng, word, f'; boundary="{written}"', rng.choice([b, written]))


@attack("MIME ambiguity")
def boundary_with_a_comment(rng, word):
    b = name_for(rng)
    return mixed(rng, word, f"; boundary={b} (x)", rng.choice([b, f"{b} (x)"]))


@attack("MIME ambiguity")
def comment_before_the_boundary(rng, word):
    a, b = name_for(rng), name_for(rng) + "z"
    return mixed(rng, word, f" (; boundary={a}); boundary={b}", rng.choice([a, b]))


@attack("MIME ambiguity")
def boundary_with_an_escape(rng, word):
    b = name_for(rng)
    return mixed(rng, word, f'; boundary="{b}\\x"', rng.choice([f"{b}x", f"{b}\\x"]))


@attack("MIME ambiguity")
def boundary_without_its_last_quote(rng, word):
    b = name_for(rng)
    return mixed(rng, word, f'; boundary="{b}; charset=utf-8', rng.choice([b, f"{b}; charset=utf-8"]))


@attack("MIME ambiguity")
def boundary_with_white_space(rng, word):
    a, b = name_for(rng), name_for(rng)
    return mixed(rng, word, f"; boundary={a} {b}", rng.choice([a, f"{a} {b}"]))


@attack("MIME ambiguity")
def boundary_over_two_lines(rng, word):
    b = name_for(rng)
    return mixed(rng, word, f";\r\n\tboundary\r\n = {b}", b)


@attack("MIME ambiguity")
def boundary_with_a_semicolon(rng, word):
    a, b = name_for(rng), name_for(rng)
    return mixed(rng, word, f'; boundary="{a};{b}"', rng.choice([a, f"{a};{b}"]))


@attack("MIME ambiguity")
def no_boundary_parameter(rng, word):
    return mixed(rng, word, "", name_for(rng))


@attack("MIME ambiguity")
def a_boundary_that_is_not_there(rng, word):
    return mixed(rng, word, f"; boundary={name_for(rng)}x", name_for(rng) + "y")


@attack("MIME ambiguity")
def outer_boundary_begins_the_inner(rng, word):
    a = name_for(rng)
    b = a + name_for(rng)
    inner = f"--{a}\r\nContent-Type: multipart/mixed; boundary={b}\r\n\r\n" + plain_part(rng, b) + hidden_part(rng, word, b) + f"--{b}--\r\n"
    return message(f"Content-Type: multipart/mixed; boundary={a}\r\n", plain_part(rng, a) + inner + f"--{a}--\r\n")


@attack("MIME ambiguity")
def inner_boundary_begins_the_outer(rng, word):
    b = name_for(rng)
    a = b + name_for(rng)
    inner = f"--{a}\r\nContent-Type: multipart/mixed; boundary={b}\r\n\r\n" + plain_part(rng, b) + hidden_part(rng, word, b) + f"--{b}--\r\n"
    return message(f"Content-Type: multipart/mixed; boundary={a}\r\n", plain_part(rng, a) + inner + f"--{a}--\r\n")


@attack("MIME ambiguity")
def inner_boundary_is_the_outer(rng, word):
    a = name_for(rng)
    inner = f"--{a}\r\nContent-Type: multipart/mixed; boundary={a}\r\n\r\n" + plain_part(rng, a) + hidden_part(rng, word, a) + f"--{a}--\r\n"
    return message(f"Content-Type: multipart/mixed; boundary={a}\r\n", plain_part(rng, a) + inner + f"--{a}--\r\n")


@attack("MIME ambiguity")
def the_line_of_a_boundary_goes_on(rng, word):
    b = name_for(rng)
    hidden = hidden_part(rng, word, b).replace(f"--{b}", f"--{b}x", 1)
    return message(f"Content-Type: multipart/mixed; boundary={b}\r\n", plain_part(rng, b) + hidden + f"--{b}--\r\n")


@attack("MIME ambiguity")
def no_end(rng, word):
    b = name_for(rng)
    return message(f"Content-Type: multipart/mixed; boundary={b}\r\n", plain_part(rng, b) + hidden_part(rng, word, b))


@attack("MIME ambiguity")
def parts_after_the_end(rng, word):
    b = name_for(rng)
    return message(f"Content-Type: multipart/mixed; boundary={b}\r\n",
                   plain_part(rng, b) + f"--{b}--\r\n" + "\r\n" * rng.randint(0, 3) + hidden_part(rng, word, b) + f"--{b}--\r\n")


@attack("MIME ambiguity")
def parts_after_an_inner_end(rng, word):
    a, b = name_for(rng), name_for(rng) + "i"
    inner = (f"--{a}\r\nContent-Type: multipart/alternative; boundary={b}\r\n\r\n" + plain_part(rng, b) + f"--{b}--\r\n" +
             hidden_part(rng, word, b))
    return message(f"Content-Type: multipart/mixed; boundary={a}\r\n", inner + f"--{a}--\r\n")


@attack("MIME ambiguity")
def words_in_the_preamble(rng, word):
    b = name_for(rng)
    return mixed(rng, "nothing", f"; boundary={b}", b, before=secret(rng, word))


@attack("MIME ambiguity")
def words_in_the_epilogue(rng, word):
    b = name_for(rng)
    return mixed(rng, "nothing", f"; boundary={b}", b, after=secret(rng, word))


@attack("MIME ambiguity")
def words_in_an_inner_epilogue(rng, word):
    a, b = name_for(rng), name_for(rng) + "i"
    inner = f"--{a}\r\nContent-Type: multipart/alternative; boundary={b}\r\n\r\n" + plain_part(rng, b) + f"--{b}--\r\n" + secret(rng, word)
    return message(f"Content-Type: multipart/mixed; boundary={a}\r\n", inner + f"--{a}--\r\n")


# ---- MIME ambiguity: headers that are none ----

@attack("MIME ambiguity")
def something_before_the_colon(rng, word):
    return message("Content-Transfer-Encoding" + rng.choice([" ", "\t", "\x0b", "\r", "  "]) + ": base64\r\n", b64(secret(rng, word)))


@attack("MIME ambiguity")
def something_before_the_colon_in_a_part(rng, word):
    b = name_for(rng)
    part = hidden_part(rng, word, b).replace("Encoding:", "Encoding" + rng.choice([" ", "\t", "\x0b", "\x0c"]) + ":")
    return message(f"Content-Type: multipart/mixed; boundary={b}\r\n", plain_part(rng, b) + part + f"--{b}--\r\n")


@attack("MIME ambiguity")
def a_blank_line_in_a_folded_header(rng, word):
    return message("X-A: b\r\n" + rng.choice([" ", "\t", "  "]) + "\r\nContent-Transfer-Encoding: base64\r\n", b64(secret(rng, word)))


@attack("MIME ambiguity")
def a_line_that_is_no_header(rng, word):
    return message("this is no header\r\nContent-Transfer-Encoding: base64\r\n", b64(secret(rng, word)))


@attack("MIME ambiguity")
def a_line_that_is_no_header_in_a_part(rng, word):
    b = name_for(rng)
    part = hidden_part(rng, word, b).replace("Content-Transfer", "no header\r\nContent-Transfer")
    return message(f"Content-Type: multipart/mixed; boundary={b}\r\n", plain_part(rng, b) + part + f"--{b}--\r\n")


@attack("MIME ambiguity")
def no_mime_version(rng, word):
    b = name_for(rng)
    return message(f"Content-Type: multipart/mixed; boundary={b}\r\n", plain_part(rng, b) + hidden_part(rng, word, b) + f"--{b}--\r\n", mime=False)


@attack("MIME ambiguity")
def a_type_that_is_none(rng, word):
    kind = rng.choice(["text", "plain", "/", "text/", "", "text plain", "=?utf-8?Q?text/plain?=", "text/plain/x"])
    return message(f"Content-Type: {kind}\r\nContent-Transfer-Encoding: base64\r\n", b64(secret(rng, word)))


# ---- MIME ambiguity: encodings ----

@attack("MIME ambiguity")
def base64_by_another_name(rng, word):
    name = rng.choice(["x-base64", '"base64"', "base64 x", "base64;", "base64 (x)", "(x) base64", "BASE-64", "base64, 7bit", "'base64'"])
    return message(f"Content-Transfer-Encoding: {name}\r\n", b64(secret(rng, word)))


@attack("MIME ambiguity")
def quoted_printable_by_another_name(rng, word):
    name = rng.choice(["x-quoted-printable", '"quoted-printable"', "quoted-printable;", "quotedprintable", "quoted-printable x"])
    coded = "".join(f"={ord(c):02X}" for c in word)
    return message(f"Content-Transfer-Encoding: {name}\r\n", words(rng) + coded + "\r\n")


@attack("MIME ambiguity")
def base64_with_equals_inside(rng, word):
    coded = b64(secret(rng, word), rng.choice([4, 8, 12]))
    return message("Content-Transfer-Encoding: base64\r\n", coded.replace("\r\n", "=\r\n" if rng.random() < 0.5 else "==\r\n"))


@attack("MIME ambiguity")
def base64_in_padded_pieces(rng, word):
    text, pieces = secret(rng, word), []
    while text:
        size = rng.randint(1, 20)
        pieces.append(base64.b64encode(text[:size].encode()).decode())
        text = text[size:]
    return message("Content-Transfer-Encoding: base64\r\n", rng.choice(["", "\r\n"]).join(pieces) + "\r\n")


@attack("MIME ambiguity")
def base64_with_junk(rng, word):
    coded = list(b64(secret(rng, word)))
    for _ in range(rng.randint(1, 40)):
        coded.insert(rng.randrange(len(coded)), rng.choice("!*.,:;?%$#@()[]{}~^`\\|<>\x01\x7f"))
    return message("Content-Transfer-Encoding: base64\r\n", "".join(coded))


@attack("MIME ambiguity")
def base64_in_odd_lines(rng, word):
    whole, out = base64.b64encode(secret(rng, word).encode()).decode(), ""
    while whole:
        size = rng.choice([1, 2, 3, 5, 7, 77, 998])
        out, whole = out + whole[:size] + rng.choice(["\r\n", "\r\n\r\n", " \r\n", "\r\n "]), whole[size:]
    return message("Content-Transfer-Encoding: base64\r\n", out)


@attack("MIME ambiguity")
def base64_without_its_end(rng, word):
    whole = base64.b64encode(secret(rng, word).encode()).decode().rstrip("=")
    return message("Content-Transfer-Encoding: base64\r\n", whole + rng.choice(["", "A", "=", "\r\n--\r\nnot base64 at all"]))


@attack("MIME ambiguity")
def base64_of_the_other_alphabet(rng, word):
    coded = base64.urlsafe_b64encode(("\u00ff\u00bf>>>??? " + secret(rng, word)).encode("latin-1")).decode()
    return message("Content-Type: text/plain; charset=iso-8859-1\r\nContent-Transfer-Encoding: base64\r\n", coded + "\r\n")


@attack("MIME ambiguity")
def words_before_the_base64(rng, word):
    return message("Content-Transfer-Encoding: base64\r\n", secret(rng, word) + b64(words(rng)))


@attack("MIME ambiguity")
def base64_of_a_plain_word(rng, word):
    """The body is the word itself, in which every letter is base64 too."""
    return message("Content-Transfer-Encoding: base64\r\n", rng.choice([f"{word} {word} {word}", f"{word}\r\n" * 4, f"the word {word} it is"]) + "\r\n")


@attack("MIME ambiguity")
def soft_break_inside_the_word(rng, word):
    cut = rng.randint(1, len(word) - 1)
    gap = rng.choice(["=\r\n", "= \r\n", "=\t\r\n", "= \t \r\n", "=\r\n=\r\n"])
    return message("Content-Transfer-Encoding: quoted-printable\r\n", words(rng) + word[:cut] + gap + word[cut:] + "\r\n")


@attack("MIME ambiguity")
def quoted_printable_with_bad_escapes(rng, word):
    cut = rng.randint(1, len(word) - 1)
    return message("Content-Transfer-Encoding: quoted-printable\r\n", words(rng) + word[:cut] + rng.choice(["=ZZ", "=G1", "=  "]) + word[cut:] + "\r\n")


@attack("MIME ambiguity")
def quoted_printable_in_small_letters(rng, word):
    coded = "".join(rng.choice([f"={ord(c):02x}", f"={ord(c):02X}", c]) for c in word)
    return message("Content-Transfer-Encoding: quoted-printable\r\n", words(rng) + coded + "\r\n")


@attack("MIME ambiguity")
def an_encoded_multipart(rng, word):
    b = name_for(rng)
    inner = plain_part(rng, b) + f"--{b}\r\n\r\n" + secret(rng, word) + f"--{b}--\r\n"
    kind = rng.choice(["base64", "quoted-printable"])
    body = b64(inner) if kind == "base64" else quopri.encodestring(inner.replace(word, "=".join(["", *(f"{ord(c):02X}" for c in word)])).encode()).replace(b"=3D", b"=")
    return message(f"Content-Type: multipart/mixed; boundary={b}\r\nContent-Transfer-Encoding: {kind}\r\n", body)


# ---- MIME ambiguity: messages in messages ----

def enclosed(rng, word):
    return f"From: x@y.test\r\nSubject: enclosed\r\nContent-Transfer-Encoding: base64\r\n\r\n{b64(secret(rng, word))}"


@attack("MIME ambiguity")
def an_enclosed_message_in_base64(rng, word):
    b = name_for(rng)
    part = f"--{b}\r\nContent-Type: message/{rng.choice(['rfc822', 'global'])}\r\nContent-Transfer-Encoding: base64\r\n\r\n{b64(enclosed(rng, word))}"
    return message(f"Content-Type: multipart/mixed; boundary={b}\r\n", plain_part(rng, b) + part + f"--{b}--\r\n")


@attack("MIME ambiguity")
def an_enclosed_message_in_quoted_printable(rng, word):
    b = name_for(rng)
    coded = quopri.encodestring(enclosed(rng, word).replace("\r\n", "\n").encode()).decode().replace("\n", "\r\n")
    part = f"--{b}\r\nContent-Type: message/rfc822\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n{coded}\r\n"
    return message(f"Content-Type: multipart/mixed; boundary={b}\r\n", plain_part(rng, b) + part + f"--{b}--\r\n")


@attack("MIME ambiguity")
def enclosed_messages_in_each_other(rng, word):
    inner = enclosed(rng, word)
    for _ in range(rng.randint(2, 8)):
        inner = f"From: x@y.test\r\nContent-Type: message/rfc822\r\nContent-Transfer-Encoding: base64\r\n\r\n{b64(inner)}"
    return message("Content-Type: message/rfc822\r\n", inner)


@attack("MIME ambiguity")
def an_enclosed_message_that_says_it_is_encoded(rng, word):
    b = name_for(rng)
    part = f"--{b}\r\nContent-Type: message/rfc822\r\nContent-Transfer-Encoding: {rng.choice(['base64', 'quoted-printable'])}\r\n\r\n{enclosed(rng, word)}"
    return message(f"Content-Type: multipart/mixed; boundary={b}\r\n", plain_part(rng, b) + part + f"--{b}--\r\n")


@attack("MIME ambiguity")
def an_enclosed_subject(rng, word):
    b = name_for(rng)
    subjects = [f"Subject: {word}\r\n", "Subject: nothing\r\n"]
    rng.shuffle(subjects)
    part = f"--{b}\r\nContent-Type: message/rfc822\r\n\r\nFrom: x@y.test\r\n{''.join(subjects)}\r\n{words(rng)}"
    return message(f"Content-Type: multipart/mixed; boundary={b}\r\n", plain_part(rng, b) + part + f"--{b}--\r\n")


@attack("MIME ambiguity")
def a_message_as_a_file(rng, word):
    b = name_for(rng)
    kind = rng.choice(["application/octet-stream", "text/plain", "application/x-eml"])
    part = (f'--{b}\r\nContent-Type: {kind}; name="letter.eml"\r\nContent-Disposition: attachment; filename="letter.eml"\r\n'
            f"Content-Transfer-Encoding: base64\r\n\r\n{b64(enclosed(rng, word))}")
    return message(f"Content-Type: multipart/mixed; boundary={b}\r\n", plain_part(rng, b) + part + f"--{b}--\r\n")


@attack("MIME ambiguity")
def a_digest(rng, word):
    b = name_for(rng)
    return message(f"Content-Type: multipart/digest; boundary={b}\r\n", f"--{b}\r\n\r\n{enclosed(rng, word)}--{b}--\r\n")


# ---- MIME ambiguity: files in the text ----

def uuencode(data, name, end="end\r\n"):
    lines = [f"begin 644 {name}"]
    for i in range(0, len(data), 45):
        chunk = data[i:i + 45]
        padded = chunk + b"\0" * (-len(chunk) % 3)
        line = chr(32 + len(chunk))
        for j in range(0, len(padded), 3):
            n = int.from_bytes(padded[j:j + 3], "big")
            line += "".join(chr(32 + (n >> s & 63)) for s in (18, 12, 6, 0))
        lines.append(line.replace(" ", "`"))
    return "\r\n".join([*lines, "`", end])


@attack("MIME ambiguity")
def uuencoded_words(rng, word):
    return message("Content-Type: text/plain\r\n", words(rng) + uuencode(secret(rng, word).encode(), "notes.txt") + words(rng))


@attack("MIME ambiguity", sees="name")
def a_uuencoded_file(rng, word):
    return message("", rng.choice(["", words(rng)]) + uuencode(bytes(rng.randrange(256) for _ in range(200)), f"{word}.exe"))


@attack("MIME ambiguity")
def several_uuencoded_files(rng, word):
    files = [uuencode(words(rng).encode(), f"{i}.txt") for i in range(rng.randint(1, 5))]
    return message("", words(rng) + "".join(files) + uuencode(secret(rng, word).encode(), "last.txt"))


@attack("MIME ambiguity")
def a_uuencoded_file_without_an_end(rng, word):
    return message("", words(rng) + uuencode(secret(rng, word).encode(), "notes.txt", rng.choice(["", "ende\r\n", "****\r\n"])))


@attack("MIME ambiguity")
def a_uuencoded_file_in_a_part(rng, word):
    b = name_for(rng)
    part = f"--{b}\r\nContent-Type: text/plain\r\nContent-Transfer-Encoding: base64\r\n\r\n{b64(words(rng) + uuencode(secret(rng, word).encode(), 'a.txt'))}"
    return message(f"Content-Type: multipart/mixed; boundary={b}\r\n", plain_part(rng, b) + part + f"--{b}--\r\n")


@attack("MIME ambiguity")
def the_base64_form_of_uuencode(rng, word):
    return message("", words(rng) + "begin-base64 644 notes.txt\r\n" + b64(secret(rng, word)) + "====\r\n")


@attack("MIME ambiguity")
def uuencode_as_a_transfer_encoding(rng, word):
    name = rng.choice(["x-uuencode", "uuencode", "x-uue"])
    return message(f"Content-Type: text/plain\r\nContent-Transfer-Encoding: {name}\r\n", uuencode(secret(rng, word).encode(), "a.txt"))


@attack("MIME ambiguity", sees=None)
def yenc(rng, word):
    coded = bytes((c + 42) % 256 for c in secret(rng, word).encode())
    return message("", as_bytes(words(rng)) + b"=ybegin line=128 size=%d name=a.txt\r\n" % len(coded) + coded + b"\r\n=yend size=%d\r\n" % len(coded))


@attack("MIME ambiguity", sees=None)
def binhex(rng, word):
    return message("", words(rng) + "(This file must be converted with BinHex 4.0)\r\n\r\n:" + b64(secret(rng, word)) + ":\r\n")


# ---- MIME ambiguity: names of files ----

def attached(rng, disposition, kind="application/octet-stream"):
    b = name_for(rng)
    part = (f"--{b}\r\nContent-Type: ".encode() + as_bytes(kind) + b"\r\nContent-Disposition: attachment" + as_bytes(disposition) +
            b"\r\nContent-Transfer-Encoding: base64\r\n\r\nAAECAwQF\r\n")
    return message(f"Content-Type: multipart/mixed; boundary={b}\r\n", plain_part(rng, b).encode() + part + f"--{b}--\r\n".encode())


@attack("MIME ambiguity", sees="name")
def a_name_in_pieces(rng, word):
    cut = rng.randint(1, len(word) - 1)
    return attached(rng, f"; filename*0={word[:cut]}; filename*1={word[cut:]}.exe")


@attack("MIME ambiguity", sees="name")
def a_name_in_pieces_out_of_order(rng, word):
    cut = rng.randint(1, len(word) - 1)
    return attached(rng, f"; filename*1={word[cut:]}.exe; filename*0={word[:cut]}")


@attack("MIME ambiguity", sees="name")
def a_name_in_pieces_with_percent_signs(rng, word):
    coded = "".join(f"%{ord(c):02x}" for c in word)
    return attached(rng, f"; filename*0*=utf-8''{coded[:6]}; filename*1*={coded[6:]}; filename*2=.exe")


@attack("MIME ambiguity", sees="name")
def two_forms_of_a_name(rng, word):
    pair = ["; filename=a.txt", f"; filename*=utf-8''{word}.exe"]
    rng.shuffle(pair)
    return attached(rng, "".join(pair))


@attack("MIME ambiguity", sees="name")
def the_names_of_type_and_disposition(rng, word):
    names = [f"{word}.exe", "a.txt"]
    rng.shuffle(names)
    return attached(rng, f"; filename={names[0]}", f"application/pdf; name={names[1]}")


@attack("MIME ambiguity", sees="name")
def a_name_given_twice(rng, word):
    names = [f"; filename={word}.exe", "; filename=a.txt"]
    rng.shuffle(names)
    return attached(rng, "".join(names))


@attack("MIME ambiguity", sees="name")
def directions_of_writing_in_a_name(rng, word):
    mark = rng.choice("\u202e\u202d\u202b\u2066\u2067\u200f\u061c")
    cut = rng.randint(1, len(word) - 1)
    return attached(rng, f'; filename="{word[:cut]}{mark}{word[cut:]}txt.exe"')


@attack("MIME ambiguity", sees="name")
def a_name_as_encoded_words(rng, word):
    cut = rng.randint(1, len(word) - 1)
    one = base64.b64encode(word[:cut].encode()).decode()
    two = "".join(f"={ord(c):02X}" for c in word[cut:])
    return attached(rng, f'; filename="=?utf-8?B?{one}?= =?utf-8?Q?{two}.exe?="')


@attack("MIME ambiguity", sees="name")
def nul_in_a_name(rng, word):
    return attached(rng, f'; filename="a.txt\0{word}.exe"')


@attack("MIME ambiguity", sees="name")
def a_name_without_quotes(rng, word):
    return attached(rng, f"; filename=my {word} file.exe; size=6")


@attack("MIME ambiguity", sees="name")
def a_name_in_raw_bytes(rng, word):
    return attached(rng, b'; filename="\xe4\xf6 ' + word.encode() + b'.exe"')


# ---- Text ----

@attack("Text")
def nul_before_the_word(rng, word):
    return message("", words(rng) + "\0" * rng.randint(1, 3) + secret(rng, word))


UTF8 = "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n"


@attack("Text")
def unseen_characters_inside_the_word(rng, word):
    marks = "\u200b\u00ad\u200c\u200d\u2060\ufeff\u034f\u180e\u202a\u2064"
    return message(UTF8, words(rng) + "".join(c + rng.choice(marks) for c in word) + "\r\n")


@attack("Text")
def letters_of_other_alphabets(rng, word):
    alike = {"a": "\u0430", "e": "\u0435", "o": "\u043e", "c": "\u0441", "p": "\u0440", "x": "\u0445", "i": "\u0456", "s": "\u0455"}
    return message(UTF8, words(rng) + "".join(alike.get(c, c) for c in word) + "\r\n")


@attack("Text")
def wide_and_mathematical_letters(rng, word):
    base = rng.choice([0xff41, 0x1d41a, 0x1d44e + 26 * 5, 0x24d0])
    return message(UTF8, words(rng) + "".join(chr(base + ord(c) - 97) for c in word) + "\r\n")


@attack("Text", sees=None)
def overlong_utf8(rng, word):
    coded = b"".join(bytes([0xc0 | ord(c) >> 6, 0x80 | ord(c) & 63]) for c in word)
    return message(UTF8, words(rng).encode() + coded + b"\r\n")


@attack("Text")
def utf16_under_another_label(rng, word):
    coded = rng.choice([b"\xff\xfe" + secret(rng, word).encode("utf-16-le"), b"\xfe\xff" + secret(rng, word).encode("utf-16-be")])
    return message("Content-Type: text/plain; charset=us-ascii\r\nContent-Transfer-Encoding: base64\r\n", b64(coded))


@attack("Text")
def utf16_without_a_mark(rng, word):
    kind = rng.choice(["le", "be"])
    return message(f"Content-Type: text/plain; charset=utf-16{kind}\r\nContent-Transfer-Encoding: base64\r\n", b64(secret(rng, word).encode(f"utf-16-{kind}")))


@attack("Text")
def utf7(rng, word):
    coded = "+" + base64.b64encode(word.encode("utf-16-be")).decode().rstrip("=") + "-"
    return message("Content-Type: text/plain; charset=utf-7\r\n", words(rng) + coded + "\r\n")


@attack("Text", sees=None)
def an_unknown_charset(rng, word):
    return message("Content-Type: text/plain; charset=x-secret\r\n", secret(rng, word).encode("cp037"))


@attack("Text", sees=None)
def a_charset_that_lies(rng, word):
    return message("Content-Type: text/plain; charset=us-ascii\r\n", secret(rng, word).encode("utf-16-le"))


@attack("Text")
def two_charsets(rng, word):
    pair = ["; charset=utf-16le", "; charset=us-ascii"]
    rng.shuffle(pair)
    return message(f"Content-Type: text/plain{''.join(pair)}\r\nContent-Transfer-Encoding: base64\r\n", b64(secret(rng, word).encode("utf-16-le")))


HTML = "Content-Type: text/html; charset=utf-8\r\n"


@attack("Text")
def html_entities(rng, word):
    coded = "".join(rng.choice([f"&#{ord(c)};", f"&#x{ord(c):x};", f"&#X{ord(c):X};", f"&#{ord(c):07d};", f"&#{ord(c)}", c]) for c in word)
    return message(HTML, f"<p>{coded}</p>\r\n")


@attack("Text")
def html_tags_inside_the_word(rng, word):
    tags = ["<b></b>", "<!-- x -->", "<span style='x'></span>", "<wbr>", "<i>", "<font size=0></font>", "<!---->", "<a\r\n>"]
    return message(HTML, "<p>" + "".join(c + rng.choice(tags) for c in word) + "</p>\r\n")


@attack("Text")
def html_with_broken_markup(rng, word):
    before = rng.choice(["<a title='>", "<!-- x --!>", "<!-->", "<![if !x]>", "<?x>", "<p <p>", "</ x>", "<![CDATA[x]]>", "<title>x</title>"])
    return message(HTML, f"<p>{before}{word}</p>\r\n")


@attack("Text")
def html_elements_that_hold_text(rng, word):
    name = rng.choice(["title", "textarea", "xmp", "noscript", "iframe"])
    open_, close = rng.choice([("<!--", "-->"), ("<b x='", "'>")])
    return message(HTML, f"<{name}>{open_}</{name}> {word} {close}\r\n")


@attack("Text")
def html_that_carries_the_word(rng, word):
    percent = "".join(f"%{ord(c):02x}" for c in word)
    coded = base64.b64encode(word.encode()).decode()
    return message(HTML, rng.choice([f"<a href='data:text/plain;base64,{coded}'>x</a>", f"<a href='data:text/html,{percent}'>x</a>",
                                     f"<a href='mailto:a@b.test?body={percent}'>x</a>", f"<style>p:before {{ content: '{word[0]}' \"{word[1:]}\" }}</style>",
                                     f"<style></style x='> {word} <b y='>x", f"<svg><desc><![CDATA[{word}]]></desc></svg>", f"<plaintext><!-- {word}"]))


@attack("Text")
def tags_inside_the_word_of_xml(rng, word):
    kind = rng.choice(["text/xml", "application/xml", "image/svg+xml", "text/enriched"])
    return message(f"Content-Type: {kind}\r\n", f"<a>{'<b></b>'.join(word)}</a>\r\n")


@attack("Text")
def json_escapes(rng, word):
    return message("Content-Type: application/json\r\n", '{"a": "' + "".join(f"\\u{ord(c):04x}" for c in word) + '"}\r\n')


@attack("Text")
def people_of_an_enclosed_message(rng, word):
    coded = f"=?utf-8?q?{''.join(f'={ord(c):02X}' for c in word)}?="
    field = rng.choice([f'From: "{word}" <x@y.test>', f"Cc: {coded} <x@y.test>", f"Comments: {coded}"])
    return message(f"Content-Type: {rng.choice(['message/rfc822', 'text/rfc822-headers'])}\r\n", f"{field}\r\nSubject: y\r\n\r\nx\r\n")


@attack("Text")
def properties_of_calendars_and_cards(rng, word):
    coded = base64.b64encode(word.encode()).decode()
    quoted = "".join(f"={ord(c):02X}" for c in word)
    kind, value = rng.choice([("calendar", f"ATTACH;ENCODING=BASE64;VALUE=BINARY:{coded}"), ("vcard", f"NOTE;ENCODING=b:{coded}"),
                              ("vcard", f"NOTE;ENCODING=QUOTED-PRINTABLE:{quoted}"), ("vcard", f"NOTE:{word[0]}\r\n {word[1:]}")])
    name = "VCALENDAR" if kind == "calendar" else "VCARD"
    return message(f"Content-Type: text/{kind}\r\n", f"BEGIN:{name}\r\n{value}\r\nEND:{name}\r\n")


@attack("Text")
def html_that_calls_itself_plain(rng, word):
    coded = "".join(f"{c}<b></b>" for c in word)
    return message("Content-Type: text/plain\r\n", f"<html><body>{coded}</body></html>\r\n")


@attack("Text")
def html_with_hidden_words(rng, word):
    style = rng.choice(["display:none", "font-size:0", "color:#fff", "visibility:hidden", "mso-hide:all"])
    return message(HTML, f"<p>{words(rng)}</p><p style='{style}'>{word}</p>\r\n")


@attack("Text")
def the_word_in_spaced_letters(rng, word):
    return message("", words(rng) + rng.choice([" ", "\t", "\u00a0"]).join(word) + "\r\n")


@attack("Text")
def the_other_face_of_an_alternative(rng, word):
    b, faces = name_for(rng), ["text/plain", "text/html"]
    rng.shuffle(faces)
    parts = f"--{b}\r\nContent-Type: {faces[0]}\r\n\r\n{secret(rng, word)}--{b}\r\nContent-Type: {faces[1]}\r\n\r\n{words(rng)}--{b}--\r\n"
    return message(f"Content-Type: multipart/alternative; boundary={b}\r\n", parts)


@attack("Text")
def text_that_calls_itself_octets(rng, word):
    return message(f"Content-Type: application/octet-stream; name={name_for(rng)}.bin\r\nContent-Transfer-Encoding: base64\r\n", b64(secret(rng, word)))


@attack("Text", sees="subject")
def a_subject_cut_inside_a_quantum(rng, word):
    coded = base64.b64encode(f"about {word} today".encode()).decode()
    cut = rng.choice([c for c in range(5, len(coded) - 4) if c % 4])
    return message(f"Subject: =?utf-8?B?{coded[:cut]}?=\r\n =?utf-8?B?{coded[cut:]}?=\r\n", words(rng))


@attack("Text", sees="subject")
def a_subject_in_many_words(rng, word):
    return message("Subject: " + "\r\n ".join(f"=?utf-8?{rng.choice('Qq')}?={ord(c):02X}?=" for c in word) + "\r\n", words(rng))


@attack("Text", sees="subject")
def two_subjects(rng, word):
    pair = [f"Subject: {word}\r\n", "Subject: nothing\r\n"]
    rng.shuffle(pair)
    return message("".join(pair), words(rng))


# ---- TNEF, partial, external ----

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


# ---- Structure and protocol, as far as one message goes ----

@attack("Structure", sees=None)
def deep_multiparts(rng, word):
    depth = rng.choice([65, 70, 1100, 5000])
    head = "".join(f"Content-Type: multipart/mixed; boundary=b{i}\r\n\r\n--b{i}\r\n" for i in range(depth))
    return message(head, "\r\n" + b64(secret(rng, word)))


@attack("Structure")
def multiparts_up_to_the_limit(rng, word):
    depth = rng.randint(10, 30)
    body = "".join(f"Content-Type: multipart/mixed; boundary=b{i}x\r\n\r\n--b{i}x\r\n" for i in range(depth))
    return message("X-A: b\r\n", b"").replace(b"X-A: b\r\n\r\n", body.encode()) + f"Content-Transfer-Encoding: base64\r\n\r\n{b64(secret(rng, word))}".encode()


@attack("Structure", sees=None)
def deep_messages(rng, word):
    return message("Content-Type: message/rfc822\r\n\r\n" * rng.choice([70, 1100, 20000]), secret(rng, word))


@attack("Structure", sees=None)
def many_parts(rng, word):
    b = name_for(rng)
    return message(f"Content-Type: multipart/mixed; boundary={b}\r\n", f"--{b}\r\n\r\n" * rng.choice([1100, 30000]) + hidden_part(rng, word, b))


@attack("Structure", sees=None)
def many_headers(rng, word):
    return message("X-A: b\r\n" * rng.choice([1001, 40000]) + "Content-Transfer-Encoding: base64\r\n", b64(secret(rng, word)))


@attack("Structure", sees=None)
def a_long_header(rng, word):
    return message("X-A: " + "a" * (256 * 1024 + rng.randint(1, 2000)) + "\r\nContent-Transfer-Encoding: base64\r\n", b64(secret(rng, word)))


@attack("Structure", sees=None)
def many_addresses(rng, word):
    return message("Cc: " + ",\r\n ".join(f"u{i}@x.test" for i in range(10001)) + "\r\nContent-Transfer-Encoding: base64\r\n", b64(secret(rng, word)))


@attack("Structure", sees=None)
def many_parameters(rng, word):
    return message("Content-Type: text/plain" + "; a=b" * rng.randint(257, 3000) + "\r\nContent-Transfer-Encoding: base64\r\n", b64(secret(rng, word)))


@attack("Structure", sees=None)
def many_references(rng, word):
    return message("References:" + "\r\n <a@b>" * rng.randint(1001, 3000) + "\r\nContent-Transfer-Encoding: base64\r\n", b64(secret(rng, word)))


@attack("Structure")
def brackets_in_from(rng, word):
    return b"From: " + b"(" * rng.choice([1000, 100000]) + b"\r\n" + message("Content-Transfer-Encoding: base64\r\n", b64(secret(rng, word)))


@attack("Structure")
def one_long_line(rng, word):
    return message("", "a" * rng.randint(1000, 500000) + " " + word + " " + "a" * 1000 + "\r\n")


@attack("Structure", sees=None)
def the_word_behind_a_megabyte(rng, word):
    return message("", (rng.choice(FILLER) + "\r\n") * 80000 + secret(rng, word))


@attack("Structure")
def a_bare_cr_that_ends_a_header(rng, word):
    b = name_for(rng)
    part = f"--{b}\r\nX-A: b\rContent-Transfer-Encoding: base64\r\n\r\n{b64(secret(rng, word))}"
    return message(f"Content-Type: multipart/mixed; boundary={b}\r\n", plain_part(rng, b) + part + f"--{b}--\r\n")


@attack("Structure")
def bare_cr_around_a_boundary(rng, word):
    b = name_for(rng)
    hidden = hidden_part(rng, word, b).replace("\r\n", "\r")
    return message(f"Content-Type: multipart/mixed; boundary={b}\r\n", plain_part(rng, b) + "x\r" + hidden + "\r\n" + f"--{b}--\r\n")


@attack("Structure")
def bare_lf_that_ends_the_headers(rng, word):
    return message("X-A: b\n\nX-B: c\r\nContent-Transfer-Encoding: base64\r\n", b64(secret(rng, word)))


@attack("Structure")
def lf_dot_crlf(rng, word):
    return message("", words(rng) + "\n.\r\nMAIL FROM:<x@y.test>\r\n" + secret(rng, word))


@attack("Structure")
def a_name_too_long_for_gmime(rng, word):
    """GMime bug 165: a value that is not ASCII under a parameter's name of 70 bytes."""
    b = name_for(rng)
    body = plain_part(rng, b) + hidden_part(rng, word, b) + f"--{b}--\r\n"
    return message(b"Content-Type: multipart/mixed; " + b"n" * rng.randint(69, 73) + b"=\xe4\xf6; boundary=" + b.encode() + b"\r\n", body)


def generate(attack_, seed, word):
    return attack_.make(random.Random(f"{attack_.name} {seed}"), word)
