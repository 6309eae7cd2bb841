# SPDX-License-Identifier: Apache-2.0
"""Messages in messages."""
import quopri

from attacks.making import attack, b64, message, name_for, plain_part, secret, words


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
