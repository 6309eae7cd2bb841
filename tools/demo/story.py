# SPDX-License-Identifier: Apache-2.0
"""A day at Aldous & Partners, told in a minute: real mail over SMTP through a private Postfix, judged by Lexgate.

With --once every outcome is checked and the exit status is 0 only when each was right; without it the firm stays up until Ctrl-C.
"""
import argparse
import email.utils
import json
import signal
import subprocess
import sys
import time
from email.message import EmailMessage
from pathlib import Path

import servers

FIRM = Path(__file__).resolve().parent / "firm"
STAFF = ["alice", "ben", "carla", "sam", "mara", "walter"]


class Story:
    def __init__(self, office):
        self.office, self.number, self.wrong, self.began = office, 0, [], time.monotonic()

    def scene(self, title):
        self.number += 1
        print(f"\n{self.number:2}. {title}", flush=True)

    def tell(self, text):
        print("".join(f"      {line}\n" for line in text.splitlines()), end="", flush=True)

    def right(self, ok, expected):
        print(f"    {'✓' if ok else '✗ WRONG:'} {expected}", flush=True)
        if not ok:
            self.wrong.append(f"{self.number}: {expected}")

    def answer(self, got):
        code, text = got
        self.tell(f"Postfix answered: {code} {text}")
        return code, text

    def delivered(self, mark, timeout=20):
        """The mail that reached the sink with this Message-ID, or None."""
        try:
            return self.office.sink.wait(lambda m: mark.encode() in m.data, timeout=timeout)[0]
        except TimeoutError:
            return None


def mail(sender, to, subject, body, **headers):
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = sender, to, subject
    message["Date"] = email.utils.formatdate(usegmt=True)
    message["Message-ID"] = email.utils.make_msgid(domain=email.utils.parseaddr(sender)[1].split("@")[1])
    for name, value in headers.items():
        message[name.replace("_", "-")] = value
    message.set_content(body)
    return message


def mark_of(message):
    return message["Message-ID"].strip("<>")


def words_of(received):
    """The plain text of a mail that reached the sink."""
    return received.message.get_body(("plain",)).get_content()


def make_certificate(folder, name, address):
    """Somebody's certificate, as they would have sent one to the firm; the key stays theirs, beside the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    first = name.split()[0].lower()
    servers.run("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", folder.parent / f"{first}.key", "-out",
                folder / f"{first}.pem", "-days", "30", "-subj", f"/CN={name}", "-addext", f"subjectAltName=email:{address}",
                "-addext", "keyUsage=digitalSignature,keyEncipherment", "-addext", "extendedKeyUsage=emailProtection")
    return folder / f"{first}.pem"


def encrypted(sender, to, subject, body, certificate):
    done = subprocess.run(["openssl", "cms", "-encrypt", "-aes256", "-from", sender, "-to", to, "-subject", subject, str(certificate)],
                          input=f"Content-Type: text/plain\r\n\r\n{body}\r\n".encode(), capture_output=True, check=True)
    mark = email.utils.make_msgid(domain="aldous.test")
    return f"Message-ID: {mark}\nDate: {email.utils.formatdate(usegmt=True)}\n".encode() + done.stdout, mark.strip("<>")


def opened(data, certificate):
    """What the mail program of the certificate's owner makes of a message, "" when it cannot be opened."""
    key = certificate.parent.parent / f"{certificate.stem}.key"
    done = subprocess.run(["openssl", "cms", "-decrypt", "-recip", str(certificate), "-inkey", str(key)], input=data, capture_output=True)
    return done.stdout.decode() if done.returncode == 0 else ""


def tell_story(office, certificate):
    s = Story(office)
    alice, nora = "Alice Aldous <alice@aldous.test>", "Nora Finch <nora@harbour.test>"

    s.scene("Nora Finch of Harbour Shipping asks her lawyer a question.")
    question = mail(nora, alice, "Can the Tidewater hearing be moved?", "Dear Alice,\n\ncan the hearing be moved to May?\n\nNora\n")
    s.right(s.answer(office.receive("nora@harbour.test", "alice@aldous.test", question.as_bytes()))[0] == 250, "it is accepted")
    got = s.delivered(mark_of(question))
    s.right(bool(got), "Alice has it")
    if got:
        for name in ("X-Lexgate-Matter", "X-Lexgate-Deadline", "Reply-By"):
            s.tell(f"{name}: {got.message[name]}")
        s.right(got.message["X-Lexgate-Matter"] == "2026-0117" and bool(got.message["X-Lexgate-Deadline"]),
                "it is filed under 2026-0117 and an answer is owed")

    s.scene("Her mail program sends the same message a second time.")
    office.receive("nora@harbour.test", "alice@aldous.test", question.as_bytes())
    s.right(settled_count(office, "harbour", 1), "still one question, one deadline")

    s.scene("Alice answers in clear text. The matter is confidential.")
    clear = mail(alice, nora, "Re: Can the Tidewater hearing be moved?", "Dear Nora, the judge would rather not.\n",
                 References=question["Message-ID"])
    code, text = s.answer(office.submit("alice@aldous.test", "alice@aldous.test", "nora@harbour.test", clear.as_bytes()))
    s.right(code == 550 and "2026-0117" in text and "nora@harbour.test" in text and "4.2" in text,
            "refused: it names the matter, the recipient and the policy section")
    s.right(states(office, "harbour") == ["open"], "a refused reply answers nothing: the deadline stays open")

    s.scene("Somebody outside writes as Alice, without logging in.")
    forged = mail(alice, nora, "Re: Can the Tidewater hearing be moved?", "Ignore the hearing.\n", References=question["Message-ID"])
    code, text = s.answer(office.receive("alice@aldous.test", "nora@harbour.test", forged.as_bytes()))
    s.right(code >= 400 and "2026-0117" not in text and "confidential" not in text, "refused, and told nothing of the matter")
    s.right(states(office, "harbour") == ["open"], "the deadline stays open")

    s.scene("Alice encrypts her answer to Nora's certificate and sends it again.")
    sealed, mark = encrypted("alice@aldous.test", "nora@harbour.test", "Re: your question", "Not before June.", certificate)
    sealed = f"References: {question['Message-ID']}\n".encode() + sealed
    s.right(s.answer(office.submit("alice@aldous.test", "alice@aldous.test", "nora@harbour.test", sealed))[0] == 250, "it is accepted")
    s.right(bool(s.delivered(mark)), "Nora has it, encrypted")
    s.right(settled(office, "harbour", ["provisional"]), "her question is answered, on time")

    s.scene("Alice writes to Erik of Lumen Energy in clear text. The gateway has his certificate, and encrypts it for her.")
    offer = mail(alice, "Erik Lund <erik@lumen.test>", "Our offer for the grid connection", "Dear Erik, we would go up to 1,250,000.\n")
    s.right(s.answer(office.submit("alice@aldous.test", "alice@aldous.test", "erik@lumen.test", offer.as_bytes()))[0] == 250, "it is accepted")
    got = s.delivered(mark_of(offer))
    s.right(bool(got) and b"1,250,000" not in got.data and got.message.get_content_type() == "application/pkcs7-mime" and
            got.message["Subject"] == "[...]", "what leaves the firm is S/MIME: neither the sum nor the subject can be read on the way")
    inside = opened(got.data, office.conf_dir / "certs" / "erik.pem") if got else ""
    s.tell("".join(f"  | {line}\n" for line in dict.fromkeys(inside.splitlines()) if line.startswith(("Subject:", "Dear"))))
    s.right("up to 1,250,000" in inside and "Subject: Our offer" in inside, "Erik's key opens it (openssl), subject and all")

    s.scene("Walter stands behind the ethical wall of this matter; Ben writes to him about it.")
    wall = mail("Ben Okafor <ben@aldous.test>", "walter@aldous.test", "[2026-0117] your view?", "Between us …\n")
    code, text = s.answer(office.submit("ben@aldous.test", "ben@aldous.test", "walter@aldous.test", wall.as_bytes()))
    s.right(code == 550 and "ethical wall" in text and "4.6" in text, "refused, though it never leaves the house: the wall holds inside too")

    s.scene("Alice puts a harmless matter's number on a confidential mail.")
    tagged = mail(alice, nora, "[2026-0201] small thing", "About the hearing: …\n")
    code, text = s.answer(office.submit("alice@aldous.test", "alice@aldous.test", "nora@harbour.test", tagged.as_bytes()))
    s.right(code == 550, "refused all the same: a foreign tag can raise a level, never lower it")

    s.scene("A stranger sends a message that says it was already cleared by us.")
    fake = mail("Eve <eve@elsewhere.test>", alice, "invoice", "please pay\n", X_Lexgate_Decision="accept; rules=none",
                X_Lexgate_Track="abc.def")
    s.answer(office.receive("eve@elsewhere.test", "alice@aldous.test", fake.as_bytes()))
    got = s.delivered(mark_of(fake))
    s.right(bool(got) and got.message.get_all("X-Lexgate-Track") is None and
            [v for v in got.message.get_all("X-Lexgate-Decision", []) if "rules=none" in v] == [], "the forged headers are gone")

    s.scene("Peter of Quill Books asks Ben something. Ben is away from his desk.")
    peter = mail("Peter Quill <peter@quill.test>", "Ben Okafor <ben@aldous.test>", "When do we sign the lease?",
                 "Ben,\n\nwhen do we sign? Could you let me know today?\n\nPeter\n")
    asked = time.monotonic()
    s.right(s.answer(office.receive("peter@quill.test", "ben@aldous.test", peter.as_bytes()))[0] == 250, "accepted; the clock runs")

    s.scene("Ben's mail program answers with a vacation notice.")
    away = mail("Ben Okafor <ben@aldous.test>", "Peter Quill <peter@quill.test>", "Out of office", "I am away.\n",
                References=peter["Message-ID"], Auto_Submitted="auto-replied; vacation")
    s.answer(office.submit("ben@aldous.test", "ben@aldous.test", "peter@quill.test", away.as_bytes()))
    s.right(states(office, "quill") == ["open"], "an automatic reply answers nothing")

    s.scene("Ben sends a supplier's bank details; they are held for a second pair of eyes.")
    bank = mail("Ben Okafor <ben@aldous.test>", "Peter Quill <peter@quill.test>", "Bank details for the deposit", "Please pay to …\n")
    code, text = s.answer(office.submit("ben@aldous.test", "ben@aldous.test", "peter@quill.test", bank.as_bytes()))
    held = wait(lambda: json.loads(office.lexgate("held", "--json").stdout or "[]"), 15)
    s.right(code == 250 and len(held or []) == 1, "it waits in the hold queue")
    notice = wait(lambda: office.sink.find(lambda m: m.recipients == ["ben@aldous.test"] and b"held" in m.data.lower()), 20)
    s.right(bool(notice) and "Sam Whitfield" in words_of(notice[0]), "Ben hears that it is held, and by whom it can be released")
    if held:
        queue_id = held[0].get("queue_id") or held[0].get("qid")
        done = office.lexgate("release", queue_id, "--by", "sam@aldous.test")
        s.tell(done.stdout + done.stderr)
        s.right(done.returncode == 0 and bool(s.delivered(mark_of(bank))), "Sam releases it, and Peter has it")

    s.scene("Nobody has answered Peter. Watch the ladder of the service level.")

    def notices(person, after=()):
        return [m for m in office.sink.find(lambda m: m.recipients == [f"{person}@aldous.test"] and b"Auto-Submitted" in m.data
                                            and b"deadline." in m.data or m.recipients == [f"{person}@aldous.test"]
                                            and m.sender == "deadlines@aldous.test") if m not in after]
    held_notice = list(notice or [])
    for person, count, what in (("ben", 1, "5 s: Ben is reminded before the answer is due"),
                                ("ben", 2, "10 s: Ben hears that it is overdue"),
                                ("alice", 1, "     and so does Alice, who covers for him"),
                                ("sam", 1, "16 s: it is escalated to Sam, their supervisor")):
        got = wait(lambda: len(notices(person, held_notice)) >= count and notices(person, held_notice), 40)
        s.right(bool(got), what)
        if got:
            s.tell(f"after {got[count - 1].at - (time.time() - (time.monotonic() - asked)):.0f} s, to {person}@aldous.test: "
                   f"{got[count - 1].message['Subject']}")
        if got and (person, count) == ("ben", 1):
            s.tell("".join(f"  | {line}\n" for line in words_of(got[0]).splitlines()))

    s.scene("Who is waiting for an answer? The queue, as a manager sees it:")
    print(office.lexgate("queue").stdout)
    queue = json.loads(office.lexgate("queue", "--json", "--overdue").stdout or "[]")
    s.right([d["client"] for d in queue] == ["quill"], "Quill's question is overdue, nobody else's")

    s.scene("Ben telephones Peter and says so.")
    done = office.lexgate("answer", queue[0]["id"] if queue else "none", "--by", "ben@aldous.test", "--note", "told him on the phone")
    s.tell(done.stdout + done.stderr)
    s.right(settled(office, "quill", ["answered"]), "the question is answered")

    s.scene("Can it be proved? The journal:")
    done = office.lexgate("journal", "verify")
    s.tell(done.stdout + done.stderr)
    s.right(done.returncode == 0, "every entry is there, none was changed")
    return s


def wait(condition, timeout):
    try:
        return servers.wait_for(condition, timeout)
    except TimeoutError:
        return None


def deadlines(office, client):
    return json.loads(office.lexgate("queue", "--client", client, "--state", "any", "--json").stdout or "[]")


def states(office, client):
    """The states of a client's deadlines, once there are any."""
    found = wait(lambda: deadlines(office, client), 10) or []
    return sorted(d["state"] for d in found)


def settled(office, client, expected):
    return wait(lambda: sorted(d["state"] for d in deadlines(office, client)) == expected, 10) is True


def settled_count(office, client, count):
    found = wait(lambda: len(deadlines(office, client)) >= count, 10)
    time.sleep(1.0)  # a second one would be wrong, and needs the chance to appear
    return bool(found) and len(deadlines(office, client)) == count


def main():
    parser = argparse.ArgumentParser(prog="tools/quickstart demo", description="A small firm on loopback, and a day of its mail")
    parser.add_argument("--once", action="store_true", help="unattended: check every outcome, stop, exit 0 only if all were right")
    options = parser.parse_args()
    for end in (signal.SIGTERM, signal.SIGHUP):  # as Ctrl-C: nothing may stay behind
        signal.signal(end, signal.default_int_handler)
    conf = {p.name: p.read_text() for p in FIRM.iterdir()}
    office = servers.Office(conf, "aldous.test", [f"{name}@aldous.test" for name in STAFF])
    try:
        return run_firm(office, options)
    except KeyboardInterrupt:
        print("\nclosing", flush=True)
        return 130
    finally:
        for end in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(end, signal.SIG_IGN)
        office.remove()


def run_firm(office, options):
    certificate = make_certificate(office.conf_dir / "certs", "Nora Finch", "nora@harbour.test")
    make_certificate(office.conf_dir / "certs", "Erik Lund", "erik@lumen.test")
    print("Aldous & Partners opens its doors:", flush=True)
    office.start(lambda text: print(f"  … {text}", flush=True))
    story = tell_story(office, certificate)
    print(f"\n{'Everything happened as it should.' if not story.wrong else 'NOT as it should:'}"
          f" ({time.monotonic() - story.began:.0f} s)")
    for line in story.wrong:
        print(f"  {line}")
    if story.wrong:
        print(f"\nThe daemons' last words ({office.folder}):\n{office.gateway.text()[-1500:]}\n{office.escalated.text()[-1500:]}")
    if not options.once:
        stay(office)
    return 1 if story.wrong else 0


def stay(office):
    places = (("submission (login alice@aldous.test, password secret)", f"127.0.0.1:{office.postfix.submission}"),
              ("from the world (XCLIENT plays any address)", f"127.0.0.1:{office.postfix.smtp}"),
              ("the command", f"{servers.STAGE}/bin/lexgate -c {office.config} queue"),
              ("the configuration", office.config),
              ("to take a changed one", f"kill -HUP {office.gateway.process.pid} {office.escalated.process.pid}"),
              ("the journals", f"{office.state}/journal"),
              ("the logs", f"{office.folder}/*.log, {office.postfix.log}"))
    try:
        print("\nThe firm stays open until Ctrl-C:")
        print("".join(f"  {what:54} {where}\n" for what, where in places), flush=True)
        while True:
            time.sleep(3600)
    except KeyboardInterrupt:
        print("\nclosing", flush=True)


if __name__ == "__main__":
    sys.exit(main())
