# SPDX-License-Identifier: Apache-2.0
"""Encrypted objects as mail programs put them into messages."""
import base64

HEAD = "From: Alice Aldous <alice@aldous.test>\nTo: Nora Finch <nora@harbour.test>\nSubject: lease\nMessage-ID: <1@aldous.test>\nMIME-Version: 1.0\n"
B64 = "Content-Transfer-Encoding: base64\n"
LETTER = "The settlement is two million, and Tidewater does not know it yet.\n"


def raw(data):
    return data if isinstance(data, bytes) else data.encode()


def join(*pieces):
    return b"".join(raw(p) for p in pieces).replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")


def b64(data, line=64):
    whole = base64.b64encode(raw(data)).decode()
    return "".join(whole[i:i + line] + "\n" for i in range(0, len(whole), line))


def message(*pieces):
    return join(HEAD, *pieces)


def smime(der, kind="enveloped-data", media="application/pkcs7-mime", name="smime.p7m", head=""):
    label = f"; smime-type={kind}" if kind else ""
    return message(head, f"Content-Type: {media}{label}; name={name}\nContent-Disposition: attachment; filename={name}\n{B64}\n", b64(der))


def part(head, data=""):
    """Of a multipart whose boundary is b."""
    return join("--b\n", head, "\n", data, "\n")


def multipart(kind, *parts, before="", after="", parameters=""):
    return message(f"Content-Type: multipart/{kind}; boundary=b{parameters}\n\n", before, *parts, "--b--\n", after)


def attached(data, name, media="application/octet-stream"):
    return part(f"Content-Type: {media}; name={name}\nContent-Disposition: attachment; filename={name}\n{B64}", b64(data))


VERSION = part("Content-Type: application/pgp-encrypted\n", "Version: 1\n")
PROTOCOL = '; protocol="application/pgp-encrypted"'


def octets(armored):
    return part("Content-Type: application/octet-stream\n", armored)


def pgp_mime(armored, **around):
    return multipart("encrypted", VERSION, octets(armored), parameters=PROTOCOL, **around)


def thunderbird(armored):
    """Thunderbird 102 and later."""
    return message('Content-Type: multipart/encrypted;\n protocol="application/pgp-encrypted";\n boundary="------------0mV5fX0Xk"\n\n'
                   "This is an OpenPGP/MIME encrypted message (RFC 4880 and 3156)\n--------------0mV5fX0Xk\n"
                   "Content-Type: application/pgp-encrypted\nContent-Description: PGP/MIME version identification\n\nVersion: 1\n\n"
                   '--------------0mV5fX0Xk\nContent-Type: application/octet-stream; name="encrypted.asc"\n'
                   'Content-Description: OpenPGP encrypted message\nContent-Disposition: inline; filename="encrypted.asc"\n\n', armored,
                   "\n--------------0mV5fX0Xk--\n")


def outlook(der):
    """Outlook and Exchange write the old type, the name twice, and lines of 76."""
    return message('Content-Type: application/x-pkcs7-mime;\n\tname="smime.p7m";\n\tsmime-type=enveloped-data\n'
                   'Content-Disposition: attachment;\n\tfilename="smime.p7m"\nX-MS-Has-Attach: yes\n' + B64 + "\n", b64(der, 76))


def thunderbird_smime(der):
    return message('Content-Type: application/pkcs7-mime; name="smime.p7m"; smime-type=enveloped-data\n' + B64 +
                   'Content-Disposition: attachment; filename="smime.p7m"\nContent-Description: S/MIME Encrypted Message\n\n', b64(der, 72))


def apple(der):
    return message("Content-Type: application/pkcs7-mime;\n\tname=smime.p7m;\n\tsmime-type=authEnveloped-data\n" + B64 +
                   "Content-Disposition: attachment;\n\tfilename=smime.p7m\n\n", b64(der, 76))
