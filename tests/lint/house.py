#!/usr/bin/env python3
"""House rules that a compiler does not see.

usage: house.py ROOT

Paths of somebody's machine, work left for later, secrets handed to a print, files and functions that outgrew a
reader. The words it looks for are put together from parts, so that it does not find itself.
"""
import pathlib
import re
import subprocess
import sys

FILE_MAX = 600
FUNCTION_MAX = 60
TEXT = {".c", ".h", ".def", ".py", ".sh", ".sql", ".md", ".xml", ".json", ".conf", ".service", ".socket", ".txt", ".cmake", ".varlink", ""}

RULES = [
    ("a path of one machine", re.compile(r"(^|[^\w.])/(wo" r"rk|ro" r"ot|ho" r"me)/\w")),
    ("work left for later", re.compile(r"\b(TO" r"DO|FIX" r"ME|XX" r"X|not imple" r"mented|unimple" r"mented)\b")),
    ("a secret handed to a print", re.compile(
        r"\b(printf|fprintf|puts|sr_log_write|sr_engine_say)\s*\([^;]*[\w>.](secret|password|bearer|access_token)\b\s*[,)]")),
    ("a package registry", re.compile(r"\b(py" r"pi\.org|npm" r"js\.|crates" r"\.io|rubygems" r"\.org|docker" r"\.io)")),
]


def files(root):
    """What is tracked or would be: so no build folder is read."""
    listed = subprocess.run(["git", "-C", str(root), "ls-files", "-co", "--exclude-standard"], capture_output=True, text=True)
    if listed.returncode == 0:
        names = sorted(set(listed.stdout.split("\n")) - {""})
    else:
        names = sorted(str(p.relative_to(root)) for p in root.rglob("*") if p.is_file())
    return [root / n for n in names if pathlib.Path(n).suffix in TEXT and (root / n).is_file()]


def long_functions(lines):
    """Bodies that begin with { and end with } in the first column."""
    start = None
    for number, line in enumerate(lines, 1):
        if line == "{":
            start = number
        elif line == "}" and start:
            if number - start + 1 > FUNCTION_MAX:
                yield start, number - start + 1
            start = None


def main(root):
    bad = []
    for path in files(root):
        name = path.relative_to(root)
        try:
            lines = path.read_text().splitlines()
        except UnicodeDecodeError:
            continue
        for number, line in enumerate(lines, 1):
            bad += [f"{name}:{number}: {what}" for what, rule in RULES if rule.search(line)]
        if path.suffix in (".c", ".h"):
            if len(lines) > FILE_MAX:
                bad.append(f"{name}: {len(lines)} lines, more than {FILE_MAX}")
            bad += [f"{name}:{at}: a function of {n} lines, more than {FUNCTION_MAX}" for at, n in long_functions(lines)]
    print("\n".join(bad + [f"house: {len(bad)} findings"]))
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main(pathlib.Path(sys.argv[1]).resolve()))
