# SPDX-License-Identifier: Apache-2.0
"""Parts whose boundaries programs read differently."""
from attacks.making import attack, hidden_part, message, mixed, name_for, plain_part, secret, words


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
