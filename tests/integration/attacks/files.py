# SPDX-License-Identifier: Apache-2.0
"""Files in the text, and names of files."""
import base64

from attacks.making import as_bytes, attack, b64, message, name_for, plain_part, secret, words


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
