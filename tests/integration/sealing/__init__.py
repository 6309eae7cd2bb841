# SPDX-License-Identifier: Apache-2.0
"""Mail that is encrypted by the programs that people use, and mail that only looks so.

`lab` runs the programs, `shapes` wraps what they make as mail programs do, `der` takes it apart to make what no program makes. `cases` has the
lists GENUINE and FAKES, which the other modules fill."""
import importlib
import pkgutil

from sealing.cases import FAKES, GENUINE  # noqa: F401
from sealing.lab import EVE, MIA, NED, NORA, Lab  # noqa: F401

for _module in pkgutil.iter_modules(__path__):
    importlib.import_module(f"{__name__}.{_module.name}")
