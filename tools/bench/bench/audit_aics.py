"""Audits an exported log with PyPI's aics-tlog: every tile and every entry against the checkpoint's root.

python audit_aics.py FOLDER        in an environment that has aics-tlog
"""

import sys

from aics_tlog.checkpoint import checkpoint_from_note
from aics_tlog.tiles import FileSystemTileReader
from aics_tlog.verified import audit_tiles


def main():
    folder = sys.argv[1]
    with open(f"{folder}/checkpoint", encoding="utf-8") as file:
        checkpoint, _ = checkpoint_from_note(file.read())
    audit_tiles(FileSystemTileReader(folder), checkpoint.size, checkpoint.root)


if __name__ == "__main__":
    main()
