# SPDX-License-Identifier: Apache-2.0
"""Limits, line ends and other structure, as far as one message goes."""
from attacks.making import FILLER, attack, b64, hidden_part, message, name_for, plain_part, secret, words


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
