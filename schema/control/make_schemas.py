#!/usr/bin/env python3
"""JSON schemas of every verb's --json output, made from the interface description.

    make_schemas.py           writes <Method>.schema.json beside this file
    make_schemas.py --check   fails if one of them is not what would be written

The interface description is the one source; this file only says it in JSON Schema (draft 2020-12), so the two
cannot drift apart. Fields may be added to answers later: every object allows more than it names.
"""
import json
import pathlib
import re
import sys

HERE = pathlib.Path(__file__).resolve().parent
IDL = HERE / "org.sisroll.Control.varlink"

# What sisrollctl answers by itself, in the same notation.
LOCAL = """
# Checks configuration files without starting anything. lines: what the daemon said, file and line first.
method ConfigCheck() -> (ok: bool, lines: []string)
# A configuration with every key explained.
method ConfigExample() -> (ok: bool, lines: []string)
# A refusal's code (code, title, explanation, do), a command (verb, help, access, since, takes), or all commands.
method Help(code: ?string) -> (commands: ?[](verb: string, help: string), code: ?string, title: ?string, explanation: ?string, do: ?[]string, verb: ?string,
  help: ?string, access: ?string, since: ?string, takes: ?[](name: string, value: ?string, help: string))
"""

SCALARS = {"int": "integer", "string": "string", "bool": "boolean", "float": "number", "object": "object"}
TOKEN = re.compile(r"#[^\n]*|\[string\]|\[\]|->|[():,?]|[A-Za-z][A-Za-z0-9_.]*|\n")


class Parser:
    """Reads declarations; remembers the comment that stands right above each."""

    def __init__(self, text):
        self.tokens = TOKEN.findall(text)
        self.at = 0
        self.types, self.methods, self.errors = {}, {}, {}

    def peek(self):
        while self.at < len(self.tokens) and (self.tokens[self.at] == "\n" or self.tokens[self.at][0] == "#"):
            self.at += 1
        return self.tokens[self.at] if self.at < len(self.tokens) else None

    def take(self, wanted=None):
        token = self.peek()
        if token is None or (wanted and token != wanted):
            raise SystemExit(f"expected {wanted}, found {token}")
        self.at += 1
        return token

    def comment_above(self):
        lines, i = [], self.at - 1
        while i >= 1 and self.tokens[i] == "\n" and self.tokens[i - 1].startswith("#"):
            lines.insert(0, self.tokens[i - 1].lstrip("# "))
            i -= 2
        return " ".join(lines)

    def type(self):
        token = self.peek()
        if token == "?":
            self.take()
            return {"anyOf": [self.type(), {"type": "null"}]}
        if token == "[]":
            self.take()
            return {"type": "array", "items": self.type()}
        if token == "[string]":
            self.take()
            return {"type": "object", "additionalProperties": self.type()}
        if token == "(":
            return self.struct()
        name = self.take()
        return {"type": SCALARS[name]} if name in SCALARS else {"$ref": f"#/$defs/{name}"}

    def struct(self):
        self.take("(")
        properties, required = {}, []
        while self.peek() != ")":
            name = self.take()
            self.take(":")
            if self.peek() != "?":
                required.append(name)
            properties[name] = self.type()
            if self.peek() == ",":
                self.take()
        self.take(")")
        schema = {"type": "object", "properties": properties}
        return schema | ({"required": required} if required else {}) | {"additionalProperties": True}

    def parse(self):
        while (keyword := self.peek()) is not None:
            about = self.comment_above()
            self.take()
            name = self.take()
            if keyword == "type":
                self.types[name] = {"description": about} | self.struct() if about else self.struct()
            elif keyword == "error":
                self.errors[name] = self.struct()
            elif keyword == "method":
                request = self.struct()
                self.take("->")
                self.methods[name] = (about, request, self.struct())
            elif keyword != "interface":
                raise SystemExit(f"unknown declaration {keyword}")
        return self


def used_types(schema, types, found):
    """The types a schema refers to, directly or through others."""
    for name in re.findall(r'"#/\$defs/([A-Za-z]+)"', json.dumps(schema)):
        if name in types and name not in found:
            found[name] = types[name]
            used_types(types[name], types, found)
    return found


def document(name, method, types):
    about, request, reply = method
    error = {
        "description": "A refusal: see sisrollctl help CODE.",
        "type": "object",
        "properties": {"error": {"type": "string"}, "parameters": {"type": "object"}},
        "required": ["error", "parameters"],
        "additionalProperties": True,
    }
    defs = {"request": request | {"additionalProperties": False}, "reply": reply, "error": error}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:sisroll:control:{name}",
        "title": name,
        "description": about,
        "type": "object",
        "if": {"required": ["error"]},
        "then": {"$ref": "#/$defs/error"},
        "else": {"$ref": "#/$defs/reply"},
        "$defs": defs | dict(sorted(used_types([request, reply], types, {}).items())),
    }


def main():
    parsed = Parser(IDL.read_text()).parse()
    methods = parsed.methods | Parser(LOCAL).parse().methods
    stale = []
    for name, method in methods.items():
        path = HERE / f"{name}.schema.json"
        text = json.dumps(document(name, method, parsed.types), indent=2, ensure_ascii=False) + "\n"
        if "--check" not in sys.argv:
            path.write_text(text)
        elif not path.exists() or path.read_text() != text:
            stale.append(path.name)
    strangers = {p.name for p in HERE.glob("*.schema.json")} - {f"{name}.schema.json" for name in methods}
    if stale or strangers:
        raise SystemExit(f"not what the interface says: {sorted(stale) + sorted(strangers)}; run make_schemas.py")


if __name__ == "__main__":
    main()
