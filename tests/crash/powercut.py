"""The disk as it may look after a power cut, from the journal of powercut.c.

What was synced before the cut is there.  Of what was written and not synced
anything may be missing: all of it, all from some point on, or some sectors.
Names (made, renamed, removed) are kept in their order, as journaling file
systems do, up to some point at or behind the last synced folder.
"""
import mmap
import os
import stat
import shutil
import struct
from pathlib import Path

HEAD = struct.Struct("<IIQQII")
WRITE, TRUNCATE, SYNC, SYNC_ALL, CREATE, RENAME, UNLINK, MKDIR, SYNC_DIR = range(1, 10)
SIZE = 6 << 30
SECTOR = 512


class Journal:
    def __init__(self, path):
        self.path = path
        with open(path, "wb") as f:
            f.truncate(SIZE)
            f.write(struct.pack("<Q", 8))
        self.file = open(path, "r+b")
        self.map = mmap.mmap(self.file.fileno(), SIZE)

    def tail(self):
        return struct.unpack_from("<Q", self.map, 0)[0]

    def records(self, until):
        at = 8
        while at + HEAD.size <= until:
            size, op, ino, where, n, whole = HEAD.unpack_from(self.map, at)
            if size == 0 or at + size > until:
                return
            if whole:
                data = self.map[at + HEAD.size:at + HEAD.size + n]
                yield at, op, ino, where, data
            at += size

    def close(self):
        self.map.close()
        self.file.close()
        os.unlink(self.path)


class File:
    def __init__(self, content=b"", mode=0o660):
        self.durable = bytearray(content)
        self.pending = []  # (position, op, at, data)
        self.mode = mode

    def sync(self, began):
        """What was noted before the sync began is on the disk."""
        done = [p for p in self.pending if p[0] < began]
        self.pending = [p for p in self.pending if p[0] >= began]
        for p in done:
            apply(self.durable, p)

    def after(self, rng):
        """The content after the cut."""
        out = bytearray(self.durable)
        way = rng.random()
        if way < 0.4:
            return out
        if way < 0.7:
            for p in self.pending[:rng.randint(0, len(self.pending))]:
                apply(out, p)
            return out
        keep = rng.random()
        for position, op, at, data in self.pending:
            if op == TRUNCATE:
                if rng.random() < keep:
                    apply(out, (position, op, at, data))
                continue
            for i in range(0, len(data), SECTOR):
                if rng.random() < keep:
                    apply(out, (position, op, at + i, data[i:i + SECTOR]))
        return out


def apply(content, pending):
    _, op, at, data = pending
    if op == TRUNCATE:
        if at < len(content):
            del content[at:]
        else:
            content.extend(bytes(at - len(content)))
        return
    if at > len(content):
        content.extend(bytes(at - len(content)))
    content[at:at + len(data)] = data


class Disk:
    """Begins as a folder is now; all of it counts as synced."""

    def __init__(self, root):
        self.root = str(root)
        self.names, self.inodes, self.folders = {}, {}, {}
        for path, folders, files in os.walk(root):
            st = os.stat(path)
            self.folders[path] = st.st_mode & 0o7777
            for name in files:
                p = os.path.join(path, name)
                st = os.lstat(p)
                if not stat.S_ISREG(st.st_mode) or name.endswith("-shm"):
                    continue
                with open(p, "rb") as f:
                    self.names[p] = self.inodes[st.st_ino] = File(
                        f.read(), st.st_mode & 0o7777)
        self.made = []         # (position, op, paths, file)
        self.made_durable = 0  # how many of them are

    def below(self, path):
        return path.startswith(self.root + "/")

    def replay(self, journal, until):
        for at, op, ino, where, data in journal.records(until):
            if op in (WRITE, TRUNCATE):
                if ino in self.inodes:
                    self.inodes[ino].pending.append((at, op, where, data))
            elif op == SYNC:
                if ino in self.inodes:
                    self.inodes[ino].sync(where)
            elif op == SYNC_DIR:
                self.sync_names(where)
            elif op == SYNC_ALL:
                for f in self.inodes.values():
                    f.sync(where)
                self.sync_names(where)
            else:
                self.name(at, op, ino, data.decode("utf-8", "surrogateescape"))

    def sync_names(self, began):
        while (self.made_durable < len(self.made)
               and self.made[self.made_durable][0] < began):
            self.made_durable += 1

    def name(self, at, op, ino, text):
        paths = text.split("\0")
        if not self.below(paths[0]):
            return
        made = None
        if op == CREATE:
            made = self.inodes[ino] = File()
        self.made.append((at, op, paths, made))

    def write(self, to, rng):
        """The folder as it may be, at `to`."""
        end = self.made_durable
        if rng.random() < 0.5:
            end = rng.randint(end, len(self.made))
        names, folders = dict(self.names), dict(self.folders)
        for _, op, paths, made in self.made[:end]:
            if op == CREATE:
                names[paths[0]] = made
            elif op == RENAME and paths[0] in names:
                names[paths[1]] = names.pop(paths[0])
            elif op == UNLINK:
                names.pop(paths[0], None)
                folders.pop(paths[0], None)
            elif op == MKDIR:
                folders[paths[0]] = 0o2770
        for path, mode in sorted(folders.items()):
            there = Path(str(to) + path[len(self.root):])
            there.mkdir(parents=True, exist_ok=True)
            there.chmod(mode)
        for path, f in names.items():
            if path.endswith("-shm"):
                continue
            there = Path(str(to) + path[len(self.root):])
            if not there.parent.is_dir():
                continue
            there.write_bytes(f.after(rng))
            there.chmod(f.mode)

