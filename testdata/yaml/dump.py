# SPDX-License-Identifier: MIT
# dump.py JSON YAML DUMPER: writes what Python's json reads from JSON to YAML as Django does, with PyYAML's SafeDumper or CSafeDumper.
import json
import sys

import yaml

with open(sys.argv[1], encoding="utf-8") as f:
    records = json.load(f)
with open(sys.argv[2], "w", encoding="utf-8", newline="") as f:
    yaml.dump(records, f, getattr(yaml, sys.argv[3]), allow_unicode=True, sort_keys=False)
