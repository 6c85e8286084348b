"""Checks that every example of a contract fits the schema beside it. Usage: examples.py openapi.yaml"""

import sys
from pathlib import Path

import jsonschema_rs
import yaml

contract = yaml.safe_load(Path(sys.argv[1]).read_text())
checked, wrong = 0, []


def check(node, where: str) -> None:
    global checked
    if isinstance(node, dict):
        if "schema" in node and "example" in node:
            checked += 1
            schema = {**node["schema"], "components": contract["components"]}
            validator = jsonschema_rs.Draft202012Validator(schema)
            wrong.extend(f"{where}: {error.message}" for error in validator.iter_errors(node["example"]))
        for key, value in node.items():
            check(value, f"{where}/{key}")
    elif isinstance(node, list):
        for index, value in enumerate(node):
            check(value, f"{where}/{index}")


check(contract, "")
print(*wrong, f"{checked} examples", sep="\n")
sys.exit(1 if wrong or not checked else 0)
