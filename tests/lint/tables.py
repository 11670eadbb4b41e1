#!/usr/bin/env python3
"""A new command is a row, a method, a schema and a scenario: fails where one of them is missing.

usage: tables.py ROOT   (exit 77: there are no scenarios yet, and nothing else is wrong)
"""
import pathlib
import re
import sys

SKIP = 77


def method(verb):
    """"acting-user show" -> ActingUserShow"""
    return "".join(word.capitalize() for word in re.split(r"[ -]", verb))


def verbs(root, macro):
    text = (root / "lib/wire/commands.def").read_text()
    return re.findall(rf'^{macro}\("([^"]+)"', text, re.M)


def scenario_text(root):
    files = [p for p in (root / "tests/scenario").rglob("*") if p.is_file() and p.suffix not in (".c", ".h", ".py") and p.name not in ("lib.sh", "README.md")]
    quickstart = root / "packaging/quickstart"
    if not files:
        return None
    return "\n".join(p.read_text() for p in files + ([quickstart] if quickstart.is_file() else []))


def main(root):
    idl = (root / "schema/control/org.sisroll.Control.varlink").read_text()
    scenarios = scenario_text(root)
    bad = []
    for verb in verbs(root, "CTL_COMMAND"):
        if not (root / f"schema/control/{method(verb)}.schema.json").is_file():
            bad.append(f"{verb}: no schema/control/{method(verb)}.schema.json")
        if not re.search(rf"^method {method(verb)}\b", idl, re.M):
            bad.append(f"{verb}: no method {method(verb)} in the interface description")
    for verb in verbs(root, "CTL_COMMAND") + verbs(root, "CTL_LOCAL"):
        if scenarios is not None and not re.search(rf"(^|\W){re.escape(verb)}(\W|$)", scenarios, re.M):
            bad.append(f"{verb}: no scenario uses it")
    print("\n".join(bad + [f"tables: {len(bad)} findings"]))
    if bad:
        return 1
    return 0 if scenarios is not None else SKIP


if __name__ == "__main__":
    sys.exit(main(pathlib.Path(sys.argv[1])))
