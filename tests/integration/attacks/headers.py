# SPDX-License-Identifier: Apache-2.0
"""Headers that programs read differently: repeated ones, and lines that are none."""
from attacks.making import attack, b64, hidden_part, message, name_for, plain_part, secret


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
