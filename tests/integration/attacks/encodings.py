# SPDX-License-Identifier: Apache-2.0
"""Transfer encodings that programs decode differently."""
import base64
import quopri

from attacks.making import attack, b64, message, name_for, plain_part, secret, words


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
