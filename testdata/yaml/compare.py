# SPDX-License-Identifier: MIT
# compare.py YAML JSON: PyYAML's SafeLoader and CSafeLoader read from YAML what Python's json reads from JSON, with the same types.
# Reals that JSON cannot say are {"$real": ...} in JSON, blobs {"$binary": ...}. Exit status 0: equal; 1: the first difference is printed.
import base64
import json
import math
import sys

import yaml


def form(pairs):
    if len(pairs) == 1 and pairs[0][0] == "$binary":
        return base64.b64decode(pairs[0][1])
    if len(pairs) == 1 and pairs[0][0] == "$real":
        return float(pairs[0][1].replace("Infinity", "inf"))
    return dict(pairs)


def difference(a, b, path="$"):
    if type(a) is not type(b):
        return f"{path}: {a!r} is not {b!r}"
    if isinstance(a, dict):
        if list(a) != list(b):
            return f"{path}: keys {list(a)!r} are not {list(b)!r}"
        return next(filter(None, (difference(a[k], b[k], f"{path}.{k}") for k in a)), None)
    if isinstance(a, list):
        if len(a) != len(b):
            return f"{path}: {len(a)} items, not {len(b)}"
        return next(filter(None, (difference(x, y, f"{path}[{i}]") for i, (x, y) in enumerate(zip(a, b)))), None)
    if isinstance(a, float) and (math.isnan(a) and math.isnan(b) or a == b and math.copysign(1, a) == math.copysign(1, b)):
        return None
    return None if not isinstance(a, float) and a == b else f"{path}: {a!r} is not {b!r}"


def main():
    with open(sys.argv[1], "rb") as f:
        text = f.read()
    with open(sys.argv[2], encoding="utf-8") as f:
        wanted = json.load(f, object_pairs_hook=form)
    loaders = [yaml.SafeLoader] + ([yaml.CSafeLoader] if hasattr(yaml, "CSafeLoader") else [])
    for loader in loaders:
        found = difference(yaml.load(text, loader), wanted)
        if found:
            print(loader.__name__, found)
            return 1
    return 0


sys.exit(main())
