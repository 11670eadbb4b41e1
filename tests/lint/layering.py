#!/usr/bin/env python3
"""Imports run downwards only: fails on an upward include, and on a library in a layer that may not use it.

usage: layering.py ROOT

The two tables are ARCHITECTURE's picture of the layers: who may see whom, and which library lives where.
"""
import pathlib
import re
import sys

# folder: (layers it may see besides itself, libraries it may use)
FOLDERS = {
    "lib/base": (set(), set()),
    "lib/wire": ({"base"}, {"jansson"}),
    "lib/core": ({"base"}, {"xxhash"}),
    "lib/codec": ({"base", "core", "wire"}, {"openssl", "ini", "jansson", "xxhash"}),
    "lib/io": ({"base", "core", "wire"}, {"event2", "curl", "sqlite3", "openssl"}),
    "lib/remote": ({"base", "core", "wire", "codec"}, {"jansson"}),
    "lib/engine": ({"base", "core", "wire", "codec", "io", "remote"}, {"jansson"}),
    "daemon": ({"base", "core", "wire", "codec", "io", "remote", "engine"}, {"jansson", "event2", "systemd"}),
    "daemon/ctl": ({"base", "wire"}, {"jansson", "libsmartcols"}),
    # The stand-ins share no rule with the program they are to catch.
    "tests/sim": ({"base", "wire"}, {"jansson", "event2", "sqlite3", "openssl", "expat", "xxhash", "cmocka"}),
}
LAYERS = {"base", "wire", "core", "codec", "io", "remote", "engine"}
LIBRARIES = {"jansson", "xxhash", "openssl", "ini", "event2", "curl", "sqlite3", "systemd", "libsmartcols", "expat", "cmocka"}
# The engine works through interfaces: of io it may know the store, never the wire below it.
ENGINE_MAY_NOT = {"io/loop.h", "io/http.h", "io/http_exchange.h"}
INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')


def library(path):
    """The third-party library a header belongs to, or None."""
    first = path.split("/")[0].removesuffix(".h")
    return first if first in LIBRARIES else None


def complaint(folder, path):
    layers, libraries = FOLDERS[folder]
    first = path.split("/")[0]
    if "/" in path and first in LAYERS:
        if first not in layers and folder != "lib/" + first:
            return f"{folder} may not include {path}"
        if folder == "lib/engine" and path in ENGINE_MAY_NOT:
            return f"{folder} may not include {path}: it works through interfaces"
    lib = library(path)
    if lib and lib not in libraries and not ("/" in path and first in LAYERS):
        return f"{folder} may not include {path}: {lib} does not live here"
    return None


def main(root):
    bad = 0
    seen = 0
    for folder in FOLDERS:
        for source in sorted((root / folder).glob("*.[ch]")):
            seen += 1
            for number, line in enumerate(source.read_text().splitlines(), 1):
                include = INCLUDE.match(line)
                why = complaint(folder, include[2]) if include else None
                if why:
                    bad += 1
                    print(f"{source.relative_to(root)}:{number}: {why}")
    print(f"layering: {seen} files, {bad} includes against the layers")
    return 1 if bad or not seen else 0


if __name__ == "__main__":
    sys.exit(main(pathlib.Path(sys.argv[1])))
