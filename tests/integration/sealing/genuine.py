# SPDX-License-Identifier: Apache-2.0
"""Every way in which the programs encrypt. What an option of theirs makes and the reference does not count is among the fakes."""
from sealing import der, shapes
from sealing.cases import genuine
from sealing.lab import CURVES, NED, NORA
from sealing.shapes import attached, message, multipart, part, pgp_mime, smime

SMIME, PGP = "smime", "openpgp"
EC = ("-recip", "ned.pem")


def openssl(name, *options, **proofs):
    genuine("openssl", SMIME, name, lambda lab, o=options: smime(lab.encrypt(*o)), **proofs)


for _cipher in ("aes-128-cbc", "aes-192-cbc", "aes-256-cbc", "aes-128-gcm", "aes-192-gcm", "aes-256-gcm", "aes-128-cfb", "aes-256-ofb"):
    openssl(_cipher, f"-{_cipher}", "nora.pem")
openssl("key id", "-keyid", "-aes256", "nora.pem")
openssl("streamed", "-stream", "-aes256", "nora.pem")
openssl("indefinite", "-indef", "-aes-256-gcm", "nora.pem")
openssl("not streamed", "-noindef", "-aes256", "nora.pem")
openssl("binary", "-binary", "-aes256", "nora.pem")
openssl("line ends", "-crlfeol", "-aes256", "nora.pem")
openssl("OAEP", "-aes256", "-recip", "nora.pem", "-keyopt", "rsa_padding_mode:oaep")
openssl("OAEP with SHA-256", "-aes256", "-recip", "nora.pem", "-keyopt", "rsa_padding_mode:oaep", "-keyopt", "rsa_oaep_md:sha256", "-keyopt",
        "rsa_mgf1_md:sha256")
openssl("two recipients", "-aes256", "nora.pem", "ned.pem", ned=SMIME)
openssl("four recipients", "-aes-128-gcm", "big.pem", "ned.pem", "p384.pem", "nora.pem", ned=SMIME)
openssl("two recipients by key id", "-keyid", "-aes256", "nora.pem", "ned.pem", ned=SMIME)
openssl("a stranger too", "-aes256", "mia.pem", "nora.pem")
openssl("a password too", "-aes256", "-pwri_password", "x", "nora.pem")
openssl("a shared key too", "-aes256", "-secretkey", "000102030405060708090a0b0c0d0e0f", "-secretkeyid", "01", "nora.pem")
for _digest in ("sha1", "sha224", "sha256", "sha384", "sha512"):
    openssl(f"ECDH with {_digest}", "-aes256", *EC, "-keyopt", f"ecdh_kdf_md:{_digest}", nora="none", ned=SMIME)
openssl("ECDH with a cofactor", "-aes256", *EC, "-keyopt", "ecdh_cofactor_mode:1", nora="none", ned=SMIME)
openssl("ECDH by key id", "-keyid", "-aes-256-gcm", *EC, nora="none", ned=SMIME)
for _wrap in ("aes128", "aes192", "aes256"):
    openssl(f"ECDH, {_wrap} wrap", "-aes256", f"-{_wrap}-wrap", *EC, nora="none", ned=SMIME)
openssl("other curves", "-aes256", "p384.pem", "p521.pem", "nora.pem")
genuine("openssl", SMIME, "as it writes the message", lambda lab: shapes.join(
    shapes.HEAD, lab.encrypt("-aes256", "nora.pem", out="SMIME").split(b"MIME-Version: 1.0\n", 1)[1]))
genuine("openssl", SMIME, "one byte", lambda lab: smime(lab.encrypt("-aes256", "-binary", "nora.pem", data=b"x")))
genuine("openssl", SMIME, "nothing", lambda lab: smime(lab.encrypt("-aes256", "-binary", "nora.pem", data=b"")))
genuine("openssl", SMIME, "300 kB", lambda lab: smime(lab.encrypt("-aes256", "-binary", "nora.pem", data=shapes.raw(shapes.LETTER) * 5000)))
genuine("openssl", SMIME, "signed, then encrypted", lambda lab: smime(lab.encrypt("-aes256", "nora.pem", data=lab.sign("-nodetach", out="SMIME"))))
genuine("openssl", SMIME, "encrypted, then signed", lambda lab: smime(
    lab.sign("-nodetach", "-binary", data=lab.encrypt("-aes256", "nora.pem", out="SMIME")), "signed-data"))
genuine("openssl", SMIME, "signed, encrypted, signed", lambda lab: smime(lab.sign("-nodetach", "-binary", data=lab.encrypt(
    "-aes256", "nora.pem", data=lab.sign("-nodetach", out="SMIME"), out="SMIME")), "signed-data"))
genuine("openssl", SMIME, "encrypted, then signed beside", lambda lab: shapes.join(
    shapes.HEAD, lab.sign("-binary", data=lab.encrypt("-aes256", "nora.pem", out="SMIME"), out="SMIME").split(b"MIME-Version: 1.0\n", 1)[1]))
genuine("openssl", SMIME, "compressed, then encrypted", lambda lab: smime(
    lab.encrypt("-aes256", "nora.pem", data=smime(der.compress(lab.encrypt("-aes256", "nora.pem", out="SMIME")), "compressed-data"))))
genuine("openssl", SMIME, "encrypted, then compressed", lambda lab: smime(
    der.compress(lab.encrypt("-aes256", "nora.pem", out="SMIME")), "compressed-data", name="smime.p7z"))
genuine("openssl", SMIME, "encrypted, compressed, signed", lambda lab: smime(lab.sign("-nodetach", "-binary", data=smime(
    der.compress(lab.encrypt("-aes256", "nora.pem", out="SMIME")), "compressed-data")), "signed-data"))

genuine("mail programs", SMIME, "Outlook", lambda lab: shapes.outlook(lab.encrypt("-aes256", "nora.pem")))
genuine("mail programs", SMIME, "Thunderbird, S/MIME", lambda lab: shapes.thunderbird_smime(lab.nss("-E", "-r", "nora")))
genuine("mail programs", SMIME, "Apple Mail", lambda lab: shapes.apple(lab.encrypt("-aes-256-gcm", "nora.pem", "ned.pem")), ned=SMIME)
genuine("mail programs", SMIME, "by its file name", lambda lab: smime(lab.encrypt("-aes256", "nora.pem"), None, "application/octet-stream"))
genuine("mail programs", SMIME, "without a name", lambda lab: message(f"Content-Type: application/pkcs7-mime\n{shapes.B64}\n",
                                                                       shapes.b64(lab.encrypt("-aes256", "nora.pem"))))
genuine("mail programs", SMIME, "under a wrong label", lambda lab: smime(lab.encrypt("-aes256", "nora.pem"), "signed-data"))
genuine("mail programs", SMIME, "neomutt, S/MIME", lambda lab: lab.neomutt("smime_is_default=yes"))

genuine("nss", SMIME, "cmsutil", lambda lab: smime(lab.nss("-E", "-r", "nora")))
genuine("nss", SMIME, "cmsutil to two", lambda lab: smime(lab.nss("-E", "-r", "big,nora")))
genuine("nss", SMIME, "cmsutil, by address", lambda lab: smime(lab.nss("-E", "-r", NORA)))

for _cipher in ("AES", "AES192", "AES256"):
    genuine("gpgsm", SMIME, f"gpgsm, {_cipher}", lambda lab, c=_cipher: smime(lab.gpgsm("--cipher-algo", c, "-r", NORA)))
genuine("gpgsm", SMIME, "gpgsm to two", lambda lab: smime(lab.gpgsm("-r", "big@harbour.test", "-r", NORA)))
genuine("gpgsm", SMIME, "gpgsm, 100 kB", lambda lab: smime(lab.gpgsm("-r", NORA, data=shapes.raw(shapes.LETTER) * 1500)))


def gpg(name, *options, data=None, shape=pgp_mime, **proofs):
    def make(lab):
        return shape(lab.gpg("--armor", "--encrypt", *options, **({"data": data} if data is not None else {})))
    genuine("gpg", PGP, name, make, **proofs)


gpg("RSA", "-r", NORA)
gpg("X25519", "-r", NED, nora="none", ned=PGP)
gpg("two recipients", "-r", NORA, "-r", NED, ned=PGP)
gpg("Elgamal too", "-r", "elgamal@harbour.test", "-r", NORA)
for _curve in CURVES:
    gpg(f"{_curve} too", "-r", f"{_curve}@harbour.test", "-r", NORA)
gpg("one recipient hidden", "-r", NORA, "-R", NED, ned="unknown")
gpg("hidden", "-R", NORA, nora="unknown", ned="unknown")
gpg("all key ids thrown away", "--throw-keyids", "-r", NORA, "-r", NED, nora="unknown", ned="unknown")
gpg("a password too", "--symmetric", "--passphrase", "x", "-r", NORA)
for _form in ("zip", "zlib", "bzip2", "uncompressed"):
    gpg(f"compressed: {_form}", "--compress-algo", _form, "-r", NORA)
for _cipher in ("AES128", "AES192", "AES256", "TWOFISH", "CAMELLIA256", "CAST5", "3DES"):
    gpg(f"cipher {_cipher}", "--cipher-algo", _cipher, "-r", NORA)
for _mode in ("--openpgp", "--rfc4880", "--rfc4880bis", "--gnupg", "--textmode", "--for-your-eyes-only", "--force-mdc"):
    gpg(_mode.strip("-"), _mode, "-r", NORA)
gpg("signed too", "--sign", "-u", "eve@tidewater.test", "-r", NORA)
gpg("with a version line", "--emit-version", "-r", NORA)
gpg("with comments", "--comment", "Charset: UTF-8", "--comment", "Sent with Mailbox, https://mailbox.test", "-r", NORA)
gpg("with a file name", "--set-filename", "settlement.docx", "-r", NORA)
gpg("nothing", "-r", NORA, data=b"")
gpg("300 kB", "-r", NORA, data=shapes.raw(shapes.LETTER) * 5000)
gpg("inline", "-r", NORA, shape=lambda armored: message("Content-Type: text/plain; charset=utf-8\n\n", armored))
gpg("Thunderbird, OpenPGP", "-r", NORA, shape=shapes.thunderbird)
genuine("gpg", PGP, "from a file", lambda lab: pgp_mime(lab.gpg_file("--armor", "--encrypt", "-r", NORA)))
genuine("gpg", PGP, "binary in base64", lambda lab: multipart("encrypted", shapes.VERSION, part(
    f"Content-Type: application/octet-stream\n{shapes.B64}", shapes.b64(lab.gpg("--encrypt", "-r", NORA))), parameters=shapes.PROTOCOL))
genuine("gpg", PGP, "inline, with an encrypted file", lambda lab: multipart(
    "mixed", part("", lab.gpg("--armor", "--encrypt", "-r", NORA)), attached(lab.gpg("--encrypt", "-r", NORA), "lease.docx.pgp")))
genuine("gpg", PGP, "only encrypted files", lambda lab: multipart(
    "mixed", part("", "\n"), attached(lab.gpg("--encrypt", "-r", NORA), "lease.docx.pgp"), attached(lab.gpg("--encrypt", "-r", NORA), "b.gpg")))
genuine("gpg", PGP, "signed around it", lambda lab: multipart("signed", part("", pgp_mime(lab.gpg("--armor", "--encrypt", "-r", NORA)).split(
    b"MIME-Version: 1.0\r\n", 1)[1].replace(b"boundary=b", b"boundary=c").replace(b"--b", b"--c")).replace(b"--b\r\n\r\n", b"--b\r\n", 1), part(
        "Content-Type: application/pgp-signature\n", lab.gpg("--armor", "--detach-sign", "-u", "eve@tidewater.test"))))
genuine("mail programs", PGP, "neomutt, OpenPGP", lambda lab: lab.neomutt())

for _form in ("none", "pad", "zip", "zlib", "bzip2"):
    genuine("sq", PGP, f"sq, {_form}", lambda lab, f=_form: pgp_mime(lab.sq("--compression", f, "--recipient-cert", "nora.asc")))
genuine("sq", PGP, "sq to two", lambda lab: pgp_mime(lab.sq("--recipient-cert", "nora.asc", "--recipient-cert", "ned.asc")), ned=PGP)
genuine("sq", PGP, "sq, for transport", lambda lab: pgp_mime(lab.sq("--mode", "transport", "--recipient-cert", "nora.asc")))
genuine("sq", PGP, "sq, binary", lambda lab: multipart("encrypted", shapes.VERSION, part(
    f"Content-Type: application/octet-stream\n{shapes.B64}", shapes.b64(lab.sq("--binary", "--recipient-cert", "nora.asc"))), parameters=shapes.PROTOCOL))
genuine("sq", PGP, "sq, 300 kB", lambda lab: pgp_mime(lab.sq("--recipient-cert", "nora.asc", data=shapes.raw(shapes.LETTER) * 5000)))


def rnp(name, *options, **proofs):
    genuine("rnp", PGP, f"rnp, {name}", lambda lab: pgp_mime(lab.rnp("--encrypt", "--armor", "-r", NORA, *options)), **proofs)


rnp("as it is")
rnp("to two", "-r", NED, ned=PGP)
for _option in ("--aead=EAX", "--aead=OCB", "--zip", "--zlib", "--bzip", "--no-wrap", "--cipher=AES192", "--cipher=TWOFISH", "--cipher=CAMELLIA128"):
    rnp(_option, *_option.split("=", 1) if _option.startswith("--cipher") else (_option,))
rnp("EAX, small pieces", "--aead=EAX", "--aead-chunk-bits=0")
rnp("OCB, a password too", "--aead=OCB", "--symmetric", "--password=x")
