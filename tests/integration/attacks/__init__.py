# SPDX-License-Identifier: Apache-2.0
"""Messages that hide a word or a file from some readers and show it to others, made from a seed.

Each generator takes a random.Random and the word and gives the bytes of one message. Its classes are those of the reference on odd and
hostile messages. `sees` names what must be found in spite of all: the "word", a file's "name", or nothing, where it is enough to say that
the message cannot be judged. Every module here adds its generators to ATTACKS."""
import importlib
import pkgutil

from attacks.making import ATTACKS, FROM, TO, generate, message  # noqa: F401

for _module in pkgutil.iter_modules(__path__):
    importlib.import_module(f"{__name__}.{_module.name}")
