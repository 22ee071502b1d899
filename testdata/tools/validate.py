#!/usr/bin/env python3
"""validate.py SCHEMA FILE...: checks JSON (or .yaml) files against a JSON Schema. Prints the name of each file that does not fit, with
the reason, and exits 1 if there was any; exits 77 when python3-jsonschema or python3-yaml is missing. YAML's !!binary counts as
{"$binary": BASE64}, which is how a fixture says the same in JSON."""
import base64
import json
import sys

try:
    import jsonschema
    import yaml
except ImportError as problem:
    print(problem)
    sys.exit(77)


def as_json(value):
    if isinstance(value, bytes):
        return {"$binary": base64.b64encode(value).decode()}
    if isinstance(value, list):
        return [as_json(item) for item in value]
    return {key: as_json(item) for key, item in value.items()} if isinstance(value, dict) else value


with open(sys.argv[1], encoding="utf-8") as file:
    schema = json.load(file)
jsonschema.Draft202012Validator.check_schema(schema)
validator = jsonschema.Draft202012Validator(schema)
bad = 0
for name in sys.argv[2:]:
    with open(name, encoding="utf-8") as file:
        document = as_json(yaml.safe_load(file)) if name.endswith(".yaml") else json.load(file)
    problems = list(validator.iter_errors(document))
    if problems:
        bad = 1
        print(f"{name}: {jsonschema.exceptions.best_match(problems).message}")
sys.exit(bad)
