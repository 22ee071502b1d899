#!/usr/bin/env python3
"""validate.py SCHEMA FILE...: checks JSON (or .yaml) files against a JSON Schema. Prints the name of each file that does not fit, with
the reason, and exits 1 if there was any; exits 77 when python3-jsonschema or python3-yaml is missing."""
import json
import sys

try:
    import jsonschema
    import yaml
except ImportError as problem:
    print(problem)
    sys.exit(77)

with open(sys.argv[1], encoding="utf-8") as file:
    schema = json.load(file)
jsonschema.Draft202012Validator.check_schema(schema)
validator = jsonschema.Draft202012Validator(schema)
bad = 0
for name in sys.argv[2:]:
    with open(name, encoding="utf-8") as file:
        document = yaml.safe_load(file) if name.endswith(".yaml") else json.load(file)
    problems = list(validator.iter_errors(document))
    if problems:
        bad = 1
        print(f"{name}: {jsonschema.exceptions.best_match(problems).message}")
sys.exit(bad)
