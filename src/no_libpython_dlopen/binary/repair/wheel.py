"""Rewrites a wheel or an egg around repaired modules, and leaves the rest as it is.

``zipfile`` cannot copy a member without packing it anew, so local headers, data and the
directory's entries are copied here as bytes, whatever wrote them: order, names, times,
extra fields, attributes and compression stay. Only the repaired modules and ``RECORD``
are packed again. The signatures of ``RECORD`` (PEP 427) no longer hold and are dropped.
"""

from __future__ import annotations

import hashlib
import io
import os
import zipfile
import zlib
from collections.abc import Iterator
from functools import partial
from struct import pack_into, unpack_from
from typing import IO

from no_libpython_dlopen.binary.archives.archive import (
    Contents,
    library_blocker,
    may_hold_binary,
    rewrite_blocker,
)
from no_libpython_dlopen.binary.archives.members import printable
from no_libpython_dlopen.binary.archives.seekable_stream import Budget
from no_libpython_dlopen.binary.archives.zips import (
    BROKEN,
    data_offset,
    deflated_member,
    directory_entries,
    open_zip,
    refuse_missing,
    rewrite_problem,
    zip_members,
)
from no_libpython_dlopen.binary.formats.dynamic_section import Patch
from no_libpython_dlopen.binary.formats.random_access import MalformedBinary
from no_libpython_dlopen.binary.repair.plan import NotRepairable, Repair, output_path, plan_patch
from no_libpython_dlopen.files.atomic_write import Prepare, replace_binary
from no_libpython_dlopen.files.record import (
    RECORD,
    has_hash_of,
    line_ending,
    parse_row,
    row_of,
    rows,
)
from no_libpython_dlopen.files.safe_open import safe_open
from no_libpython_dlopen.model.facts import Bundled
from no_libpython_dlopen.model.source import Unreadable

_SIGNATURES = (".jws", ".p7s")
_OTHER_HASH = "`{}` had another hash in `RECORD`: it was changed after the archive was built"
#: Suffixes of signatures beside a file: GnuPG's, sigstore's, and PyPI's attestations (PEP 740).
_DETACHED = (".asc", ".sig", ".sigstore", ".sigstore.json", ".publish.attestation")
_MOST_RECORD = 64 << 20

_LOCAL_SIZE, _END_SIZE = 30, 22
_DESCRIPTOR, _ZIP64 = 0x8, 0x1
_LEVELS = {0x0: 6, 0x2: 9, 0x4: 2, 0x6: 1}
_PIECE = 1 << 18


def repair(
    path: str,
    output_dir: str | None,
    *,
    unsafe: bool,
    dry_run: bool,
    blocker: str,
    prepare: Prepare | None = None,
) -> Repair:
    """Repair the modules of the archive at ``path`` unless there is a ``blocker``."""
    try:
        descriptor, seen = safe_open(path)
        with open(descriptor, "rb") as file:
            target = None if dry_run else output_path(path, output_dir)
            try:
                plan = _Plan(path, file, seen.st_size, unsafe=unsafe)
            except NotRepairable as refused:
                return Repair(path, refused=(("", str(refused)),))
            if plan.patches and blocker:
                return Repair(path, refused=(("", blocker),))
            if plan.patches and not dry_run:
                replace_binary(path, target, seen, plan.write, prepare)
                if target is None:
                    plan.note_detached_signatures()
                return plan.outcome(target or path)
            if target is not None and not plan.refused:
                replace_binary(path, target, seen, lambda new: _copy(file, 0, seen.st_size, new))
                return plan.outcome(target)
            return plan.outcome(None)
    except MalformedBinary as malformed:
        raise Unreadable(str(malformed)) from None
    except OSError as error:
        raise Unreadable(error.strerror or str(error)) from None


class _Plan:
    """What is to be changed in one archive; made, and tried, before anything is written."""

    def __init__(self, path: str, file: IO[bytes], size: int, *, unsafe: bool) -> None:
        if reason := rewrite_blocker(path):
            raise NotRepairable(reason)
        self._path = path
        self._file = file
        self._budget = Budget(2 * size)
        self._archive = open_zip(file)
        refuse_missing(self._archive)
        self._infos = {info.filename: info for info in self._archive.infolist()}
        self.refused: list[tuple[str, str]] = []
        self._notes: list[str] = []
        self._dropped: set[str] = set()
        self._contents: dict[str, bytes] = {}
        self.patches: dict[str, Patch] = {}
        self._plan_patches(size, unsafe)
        if self.patches:
            if reason := rewrite_problem(self._archive, path, self.patches):
                raise NotRepairable(reason)
            self._plan_record()

    def _plan_patches(self, size: int, unsafe: bool) -> None:
        contents = Contents(self._path)
        plans: dict[str, Patch] = {}
        for member in zip_members(self._archive, Budget(size)):
            if member.problem:
                raise NotRepairable(f"`{printable(member.path)}` {member.problem}")
            if not may_hold_binary(member.path):
                continue
            contents.add(member)  # what it cannot read, `check` reports
            found = contents.objects.get(member.path)
            if found is not None and found.libpython and not (found.runtime or found.no_repair):
                assert member.read is not None
                plans[member.path] = plan_patch(found, member.read)
        if contents.foreign:
            return
        contents.look_for_hosts(lambda: zip_members(self._archive, Budget(size)))
        shipped = [fact for fact in contents.facts() if isinstance(fact, Bundled)]
        for path, places in contents.entries_to_remove(unsafe=unsafe):
            patches: dict[str, Patch] = {}
            for place in places:
                reason = contents.objects[place].no_repair
                if reason:
                    reason = reason if place == path else library_blocker(place, reason)
                    self.refused.append((path, reason))
                    break
                patches[place] = plans[place]
            else:
                self.patches.update(patches)
        users = contents.users_of_copies() if shipped else {}
        for copy in shipped:
            if users.get(copy.member, set()) <= self.patches.keys():
                self._notes.append(
                    f"`{printable(copy.member)}` is kept, but no module needs it any more"
                )

    def outcome(self, written: str | None) -> Repair:
        """Return the changes that were, or would be, made."""
        return Repair(
            self._path, written, tuple(self.patches), tuple(self.refused), tuple(self._notes)
        )

    def note_detached_signatures(self) -> None:
        """Add a note on each file beside the archive that signs what it was before."""
        for suffix in _DETACHED:
            if os.path.exists(self._path + suffix):
                name = os.path.basename(self._path + suffix)
                self._notes.append(f"`{name}` no longer matches: sign the archive again")

    def _plan_record(self) -> None:
        """Write the new ``RECORD`` in memory, with the repaired modules' hashes."""
        records = [path for path in self._infos if RECORD.fullmatch(path)]
        if not records and self._path.endswith(".egg"):
            return
        (record,) = records
        if self._infos[record].file_size > _MOST_RECORD:
            raise NotRepairable(f"its RECORD is larger than {_MOST_RECORD >> 20} MiB")
        self._dropped = {record + suffix for suffix in _SIGNATURES} & set(self._infos)
        gone = {record + suffix for suffix in _SIGNATURES}
        text = bytearray()
        listed = set()
        for line in rows(io.BytesIO(b"".join(self._read_member(record)))):
            path, method = parse_row(line)
            if path in gone:
                continue
            if path in self.patches:
                listed.add(path)
                if method and not has_hash_of(line, partial(self._digest_of, path)):
                    self._notes.append(_OTHER_HASH.format(printable(path)))
                line = row_of(path, method, self._new_content(path)) + line_ending(line)
            text += line
        if text and not text.endswith((b"\r", b"\n")) and len(listed) < len(self.patches):
            text += b"\n"
        for path in self.patches:
            if path not in listed:
                text += row_of(path, "", self._new_content(path)) + b"\n"
                self._notes.append(f"`{printable(path)}` was not listed in `RECORD`; it is now")
        for path in sorted(self._dropped):
            self._notes.append(f"`{printable(path)}` is deleted: the signature is no longer valid")
        self._contents[record] = bytes(text)

    def _digest_of(self, path: str, method: str) -> str:
        """Return the digest of a member as it is, in hexadecimal."""
        digest = hashlib.new(method)
        for piece in self._read_member(path):
            digest.update(piece)
        return digest.hexdigest()

    def _read_member(self, path: str) -> Iterator[bytes]:
        """Yield a member as it is; raises ``MalformedBinary`` where its checksum is wrong."""
        info = self._infos[path]
        checksum, size = 0, 0
        if info.compress_type == zipfile.ZIP_DEFLATED:
            _, pieces = deflated_member(self._file, info, self._budget).pieces_from()
        else:
            pieces = _read(self._file, data_offset(self._file, info), info.compress_size)
        for piece in pieces:
            checksum = zlib.crc32(piece, checksum)
            size += len(piece)
            if size > info.file_size:
                break
            yield piece
        if checksum != info.CRC or size != info.file_size:
            raise MalformedBinary(f"`{printable(path)}` is corrupt: its checksum is wrong")

    def _new_content(self, path: str) -> Iterator[bytes]:
        """Yield a member as it is to be."""
        if path in self._contents:
            yield self._contents[path]
            return
        patch = self.patches[path]
        offset = 0
        for piece in self._read_member(path):
            yield patch.apply_to(offset, piece)
            offset += len(piece)

    def write(self, new: IO[bytes]) -> None:
        """Write the archive.

        Raises ``MalformedBinary`` where the result is not what was planned.
        """
        infos = self._archive.infolist()
        entries = list(directory_entries(self._archive))
        order = sorted(range(len(infos)), key=lambda number: infos[number].header_offset)
        starts = [infos[number].header_offset for number in order]
        # The offsets in the directory count from where the archive began before something
        # was put in front of it.
        shift = starts[0] - unpack_from("<I", entries[order[0]], 42)[0]
        _copy(self._file, 0, starts[0], new)
        for number, end in zip(order, [*starts[1:], self._archive.start_dir], strict=True):
            info, entry = infos[number], entries[number]
            pack_into("<I", entry, 42, new.tell() - shift)
            if info.filename in self._dropped:
                continue
            if info.filename in self._contents or info.filename in self.patches:
                self._pack(info, entry, new)
            else:
                _copy(self._file, info.header_offset, end - info.header_offset, new)
        start = new.tell()
        kept = [
            entry
            for info, entry in zip(infos, entries, strict=True)
            if info.filename not in self._dropped
        ]
        new.write(b"".join(kept))
        tail = bytearray(_END_SIZE)
        size = new.tell() - start
        count, comment = len(kept), self._archive.comment
        pack_into(
            "<4s4H2IH", tail, 0, b"PK\5\6", 0, 0, count, count, size, start - shift, len(comment)
        )
        new.write(tail + comment)
        self._verify(new)

    def _pack(self, info: zipfile.ZipInfo, entry: bytearray, new: IO[bytes]) -> None:
        """Write a member anew, behind its old local header, and correct its ``entry``."""
        length = data_offset(self._file, info) - info.header_offset
        header = _without_zip64(bytearray(b"".join(_read(self._file, info.header_offset, length))))
        start = new.tell()
        new.write(header)
        checksum, size = 0, 0
        packer = None
        if info.compress_type == zipfile.ZIP_DEFLATED:
            level = _LEVELS[info.flag_bits & 0x6]
            packer = zlib.compressobj(level, zlib.DEFLATED, -zlib.MAX_WBITS)
        for piece in self._new_content(info.filename):
            checksum = zlib.crc32(piece, checksum)
            size += len(piece)
            new.write(packer.compress(piece) if packer else piece)
        if packer:
            new.write(packer.flush())
        end = new.tell()
        # The sizes are known now: no descriptor behind the data is needed.
        flags = info.flag_bits & ~_DESCRIPTOR
        sizes = (checksum, end - start - len(header), size)
        pack_into("<H", header, 6, flags)
        pack_into("<3I", header, 14, *sizes)
        pack_into("<H", entry, 8, flags)
        pack_into("<3I", entry, 16, *sizes)
        new.seek(start)
        new.write(header)
        new.seek(end)

    def _verify(self, new: IO[bytes]) -> None:
        """Read the written archive again; raises ``MalformedBinary`` where it is not right."""
        new.flush()
        try:
            self._compare(new)
        except BROKEN as error:  # a local header that contradicts the directory, say
            reason = str(error) or type(error).__name__
            raise MalformedBinary(
                f"the rewritten archive would not be readable: {reason}"
            ) from None
        new.seek(0, 2)

    def _compare(self, new: IO[bytes]) -> None:
        """Compare the members of the written archive with the plan; raises ``MalformedBinary``."""
        with open_zip(new) as written:
            expected = [name for name in self._archive.namelist() if name not in self._dropped]
            if written.namelist() != expected:
                raise MalformedBinary("the rewritten archive has other members than planned")
            for path in (*self.patches, *self._contents):
                with written.open(path) as stream:
                    pieces = self._new_content(path)
                    if not all(stream.read(len(piece)) == piece for piece in pieces):
                        raise MalformedBinary(f"the rewritten `{path}` is not what was planned")
                    if stream.read(1):
                        raise MalformedBinary(f"the rewritten `{path}` is too long")


def _without_zip64(header: bytearray) -> bytearray:
    """Return a local header without the extra field of 64-bit sizes.

    Raises ``MalformedBinary`` where that is longer than all extra fields.
    """
    name, extra = unpack_from("<2H", header, 26)
    at = _LOCAL_SIZE + name
    while at + 4 <= _LOCAL_SIZE + name + extra:
        kind, size = unpack_from("<2H", header, at)
        if kind == _ZIP64:
            if at + 4 + size > _LOCAL_SIZE + name + extra:
                raise MalformedBinary("corrupt: a member's extra fields contradict each other")
            del header[at : at + 4 + size]
            extra -= 4 + size
            pack_into("<H", header, 28, extra)
        else:
            at += 4 + size
    return header


def _read(file: IO[bytes], at: int, size: int) -> Iterator[bytes]:
    """Yield ``size`` bytes of ``file`` from ``at``; raises ``MalformedBinary`` where they end."""
    if size < 0:
        raise MalformedBinary("corrupt: a member's size and offset contradict each other")
    while size:
        file.seek(at)
        piece = file.read(min(_PIECE, size))
        if not piece:
            raise MalformedBinary("truncated: the archive ends inside a member")
        yield piece
        at += len(piece)
        size -= len(piece)


def _copy(file: IO[bytes], at: int, size: int, new: IO[bytes]) -> None:
    for piece in _read(file, at, size):
        new.write(piece)
