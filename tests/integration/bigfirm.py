# SPDX-License-Identifier: Apache-2.0
"""Registers of any size, always the same: staff, clients with domains of their own, matters with parties. As a program:
bigfirm.py FOLDER CLIENTS MATTERS."""
import random
import sys
from pathlib import Path

FIRST = "anna ben clara david emma felix grace henry iris jonas kate leo mara nils olga paul rosa sam tess victor".split()
LAST = "archer becker clarke dvorak evans fischer grant holm ivanov jensen keller lind morris novak olsen price roth stone turner weber".split()
SYLLABLES = ("har bour mill stone wick ford ash brook kin dale mor gan ber lin sted ham burg hof thal wald king ston ley wood "
             "nor sul mer ten gar den vil mont clair beau roc port fer rin gal ver don tal ros mar vel can tor del").split()
SUFFIXES = "com co.uk de fr net org eu ch at io".split()
LEVELS = ["normal"] * 6 + ["confidential"] * 3 + ["strict"]
STAFF = 200


def staff_rows():
    for i in range(STAFF):
        first, last = FIRST[i % 20], LAST[i // 20 % 20]
        role = "manager" if i == 0 else "supervisor" if i < 10 else "assistant" if i % 5 == 0 else "lawyer"
        above = "" if i == 0 else f"s{0 if i < 10 else i % 9 + 1}@aldous.test"
        yield f"s{i}@aldous.test,{first.title()} {last.title()} {i},{role},team{i % 12},{above},,,en,s{i}\n"


def domain_of(rng, i):
    return "".join(rng.choice(SYLLABLES) for _ in range(rng.randint(2, 4))) + f"{i % 1000 if i % 3 == 0 else ''}.{rng.choice(SUFFIXES)}"


def client_rows(count, seed=1):
    rng, taken = random.Random(seed), set()
    for i in range(count):
        domain = domain_of(rng, i)
        while domain in taken:
            domain = f"x{i}{domain}"
        taken.add(domain)
        more = f" c{i}@gmail.com" if i % 4 == 0 else ""
        yield f"c{i},Client {i},@{domain}{more},en,mail,,normal,,\n"


def matter_rows(count, clients, seed=2):
    rng = random.Random(seed)
    for i in range(count):
        parties = f"opposing-counsel:lex{i % 5000}@counsel{i % 700}.test" if i % 3 == 0 else ""
        yield (f"M{i:07d},c{i % clients},Matter number {i},{rng.choice(LEVELS)},s{i % STAFF}@aldous.test,team{i % 12},,"
               f"{'closed' if i % 5 == 4 else 'open'},,{'s7@aldous.test' if i % 50 == 0 else ''},,{'yes' if i % 9 == 0 else 'no'},{parties},\n")


def crowded_rows(count, seed=3):
    """Matters of one client, each before the same court, in which much is different from one to the next."""
    rng = random.Random(seed)
    for i in range(count):
        wall = rng.choice(["", "", "", f"s{rng.randrange(12, STAFF)}@aldous.test"])
        yield (f"Z{i:07d},crowd,Crowded {i},{rng.choice(LEVELS)},s{rng.randrange(STAFF)}@aldous.test,team{i % 12},,"
               f"{'closed' if i % 5 == 4 else 'open'},x{i}@enemy{i}.test,{wall},s{rng.randrange(STAFF)}@aldous.test,no,"
               f"court:@court.test expert:e{i}@experts.test,20{rng.randrange(27, 60)}-01-{rng.randrange(10, 28)}\n")


def write(folder, clients, matters):
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    with open(folder / "staff.csv", "w") as out:
        out.write("address,name,role,team,supervisor,cover,calendar,language,logins\n")
        out.writelines(staff_rows())
    with open(folder / "clients.csv", "w") as out:
        out.write("client,name,addresses,language,channel,service_level,default_level,tls,consent\n")
        out.writelines(client_rows(clients))
    with open(folder / "matters.csv", "w") as out:
        out.write("matter,client,title,level,responsible,team,service_level,status,opposing,walled_off,handler,privileged,parties,preserve_until\n")
        out.writelines(matter_rows(matters, clients))


CONF = """
firm: { name = "Aldous & Partners"; domains = ["aldous.test"]; };
registry: { staff = "staff.csv"; clients = "clients.csv"; matters = "matters.csv"; };
paths: { state = "state"; run = "run"; };
"""

if __name__ == "__main__":
    write(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
    (Path(sys.argv[1]) / "lexgate.conf").write_text(CONF)
