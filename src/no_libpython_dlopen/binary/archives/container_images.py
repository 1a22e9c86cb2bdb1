"""The files of container images: ``docker save``, ``podman save``, crane, Jib, skopeo, OCI layouts.

An image is a list of layers, each a tar archive. They are read from the last to the first,
so that a file which a later layer replaces or removes is never looked at. Of links none is
followed: a member's path is that in the image.

Sources: the OCI image specification (image layout, manifest, index, layers with whiteouts);
the Docker image specification, v1.2; go-containerregistry's ``pkg/v1/tarball`` (crane, kaniko,
ko); Jib's ``ImageTarball``; ``containers-transports(5)`` (``dir:``).
"""

from __future__ import annotations

import io
import json
import os
import re
from contextlib import contextmanager
from functools import partial
from typing import IO, TYPE_CHECKING, Any, cast

from no_libpython_dlopen.binary.archives.decompression import (
    Section,
    broken_stream_errors,
    compression_of,
    decompress_stream,
)
from no_libpython_dlopen.binary.archives.members import Member
from no_libpython_dlopen.binary.archives.overlay import Overlay, normal_path
from no_libpython_dlopen.binary.archives.seekable_stream import Budget, InflatesTooMuch
from no_libpython_dlopen.binary.archives.tars import Header, Stream, headers, tar_members
from no_libpython_dlopen.binary.archives.zips import malformed_stream, open_member
from no_libpython_dlopen.binary.formats.random_access import MalformedBinary
from no_libpython_dlopen.files.safe_open import MAX_SETTINGS, safe_open

if TYPE_CHECKING:
    import zipfile
    from collections.abc import Callable, Iterable, Iterator

#: The settings of an image that Jib wrote; other programs have files of this name, too.
_CONFIG = "config.json"
#: What stands at the top of an image's archive; its order differs from writer to writer.
_TOP = re.compile(
    rf"(?:blobs(?:/.*)?|oci-layout|index\.json|manifest\.json|repositories|{re.escape(_CONFIG)}"
    r"|version|[0-9a-f]{64}(?:/.*)?|(?:sha256:)?[0-9a-f]{64}(?:\.\w*){0,2})/?"
)
_DIGITS = re.compile(r"[0-9a-f]{64}")
_DIGEST = re.compile(r"(sha256|sha512):([0-9a-f]{64,128})")
_MOST_FILES, _MOST_LAYERS, _MOST_IMAGES, _MOST_DEPTH = 20_000, 500, 200, 4


class ImageFiles:
    """The files that an image is kept in, by their path: blobs and manifests."""

    def __init__(self, openers: dict[str, Callable[[], IO[bytes]]]) -> None:
        self._openers = openers

    def __contains__(self, path: object) -> bool:
        return path in self._openers

    @property
    def paths(self) -> Iterable[str]:
        """The paths of all files."""
        return self._openers

    @contextmanager
    def open(self, path: str) -> Iterator[IO[bytes]]:
        """Open a file; raises ``MalformedBinary`` where there is none."""
        if path not in self._openers:
            raise MalformedBinary(f"a file of the image is missing: {path}")
        with self._openers[path]() as file:
            yield file

    def document(self, path: str) -> Any:
        """Return the value of a JSON file; raises ``MalformedBinary``."""
        with self.open(path) as file:
            data = file.read(MAX_SETTINGS + 1)
        try:
            if len(data) <= MAX_SETTINGS:
                return json.loads(data)
        except (ValueError, RecursionError):
            pass
        raise MalformedBinary(f"a file of the image is not valid JSON, or too long: {path}")


class _Top:
    """The folder of an archive in which an image is packed, as its first file tells."""

    def __init__(self) -> None:
        #: The folder that the image is packed in, ``None`` as long as there is none of its files.
        self.folder: str | None = None

    def path_in_image(self, path: str) -> str:
        """Return the path in the image of the archive's next file, empty if it is in none."""
        if self.folder is None:
            self.folder = _folder_of_image(path)
        if self.folder is None or not path.startswith(self.folder):
            return ""
        inner = path[len(self.folder) :]
        return inner if _TOP.fullmatch(inner) else ""

    def is_image(self, files: ImageFiles) -> bool:
        """Return whether these ``files`` are all that an image needs.

        In a folder of another name a package of conda has ``info/index.json``.
        """
        named = self.folder in ("", "./") or any(map(_DIGITS.search, files.paths))
        known = "manifest.json" in files or "index.json" in files
        return named and known and (_CONFIG not in files or _is_of_image(_CONFIG, files))


def _is_of_image(config: str, files: ImageFiles) -> bool:
    """Return whether ``manifest.json`` names ``config``, and a first layer that is in ``files``."""
    try:
        images = files.document("manifest.json")
        return any(one["Config"] == config and one["Layers"][0] in files for one in images)
    except (LookupError, TypeError, MalformedBinary):
        return False


def may_be_image(source: IO[bytes]) -> bool:
    """Return whether the first files in a tar archive are an image's, perhaps in its folder.

    ``source`` can be peeked into. Raises ``MalformedBinary``.
    """
    try:
        head = cast("io.BufferedReader", source).peek(1)
    except broken_stream_errors() as error:
        raise malformed_stream(error) from None
    top = _Top()
    try:
        for header, _ in _files_in(io.BytesIO(head), len(head)):
            if not top.path_in_image(header.path):
                return False
    except MalformedBinary:  # the end of what was peeked into, or told by whoever reads it
        pass
    return top.folder is not None


def _folder_of_image(first: str) -> str | None:
    """Return the folder that an image with this ``first`` file is packed in, ``None`` for no image's.

    ``tar -cf x.tar layout`` packs the folder as well.
    """
    path = first.removeprefix("./")
    outside = first[: len(first) - len(path)]
    folder, _, inner = path.partition("/")
    if _TOP.fullmatch(path):
        return outside
    return f"{outside}{folder}/" if _TOP.fullmatch(inner) else None


def _files_in(file: IO[bytes], size: int) -> Iterator[tuple[Header, int]]:
    """Yield the headers in a seekable tar archive but those of folders, and where data begin."""
    stream = Stream(file, Budget(size))
    for header in headers(stream):
        start = stream.position
        if not header.folder:
            yield header, start
        if header.has_data:  # instead of reading through it
            stream.position = start + header.size + -header.size % 512
            file.seek(stream.position)


def files_in_tar(file: IO[bytes]) -> ImageFiles | None:
    """Return the files of an image in a seekable tar archive, ``None`` for any other archive.

    It ends at the first file that is none of an image's.
    """
    size = file.seek(0, 2)
    file.seek(0)
    openers: dict[str, Callable[[], IO[bytes]]] = {}
    links: dict[str, str] = {}
    top = _Top()
    for header, start in _files_in(file, size):
        path = top.path_in_image(header.path)
        if not path or len(openers) + len(links) >= _MOST_FILES:
            return None
        if header.link:
            links[path] = header.link.removeprefix((top.folder or "").removeprefix("./"))
        if header.regular and not header.sparse:
            openers[path] = _opener(file, start, header.size)
    for path, target in links.items():  # docker up to 24 writes a layer that comes again as a link
        if target in openers:
            openers.setdefault(path, openers[target])
    images = ImageFiles(openers)
    return images if top.is_image(images) else None


def files_in_zip(archive: zipfile.ZipFile) -> ImageFiles | None:
    """Return the files of an image in a zip archive, as of a workflow; ``None`` for any other."""
    openers: dict[str, Callable[[], IO[bytes]]] = {}
    top = _Top()
    for info in archive.infolist():
        if info.filename.endswith("/"):
            continue
        path = top.path_in_image(info.filename)
        if not path or len(openers) >= _MOST_FILES:
            return None
        openers[path] = partial(open_member, archive, info)
    images = ImageFiles(openers)
    return images if top.is_image(images) and any(map(_DIGITS.search, openers)) else None


def _opener(file: IO[bytes], start: int, size: int) -> Callable[[], IO[bytes]]:
    def start_reading() -> IO[bytes]:
        file.seek(start)
        return io.BufferedReader(Section(file, size), 1 << 18)

    return start_reading


def files_in_folder(folder: str) -> ImageFiles:
    """Return the files of an image in a folder: an OCI layout, or skopeo's. Raises ``OSError``.

    A link in a stranger's tree must not show what is outside of it.
    """
    names = [name for name in os.listdir(folder) if _DIGITS.fullmatch(name)]
    names.append("index.json" if os.path.isdir(os.path.join(folder, "blobs")) else "manifest.json")
    openers = {name: _file_opener(folder, name) for name in names}
    for method in ("sha256", "sha512"):
        blobs = os.path.join(folder, "blobs", method)
        for name in os.listdir(blobs) if os.path.isdir(blobs) else ():
            path = f"blobs/{method}/{name}"
            openers[path] = _file_opener(folder, path)
    return ImageFiles(openers)


def _file_opener(folder: str, name: str) -> Callable[[], IO[bytes]]:
    def start_reading() -> IO[bytes]:
        real = os.path.realpath(os.path.join(folder, name))
        if not real.startswith(os.path.join(os.path.realpath(folder), "")):
            raise MalformedBinary(
                f"a file of the image is a link that leads out of its directory: {name}"
            )
        try:
            return open(safe_open(real)[0], "rb")
        except OSError as error:
            reason = error.strerror or str(error)
            raise MalformedBinary(f"a file of the image cannot be read: {reason}") from None

    return start_reading


def image_members(files: ImageFiles, budget: Budget) -> Iterator[Member]:
    """Yield the regular files of the image, or of each image below its name.

    A member can be read until the next one is asked for. Raises ``MalformedBinary``.
    """
    images = _images(files)
    for name, layers in images:
        layout = Overlay()
        folder = f"{name}/" if len(images) > 1 else ""
        for path in reversed(layers):
            for member in _layer_members(files, path, budget, layout):
                member.path = folder + member.path
                member.link = member.link and folder + member.link
                yield member
            layout.end_layer()


def _layer_members(
    files: ImageFiles, path: str, budget: Budget, layout: Overlay
) -> Iterator[Member]:
    """Yield the files of a layer that no upper layer hides, a hidden one by a hard link that is left.

    In the layer the link follows its file, so such a layer is read twice.
    """
    yield from _tar_members(files, path, budget, layout.hides)
    if layout.kept:
        kept = layout.kept
        for member in _tar_members(
            files, path, budget, lambda one: normal_path(one.path) not in kept
        ):
            if member.read is not None:
                member.path = kept[normal_path(member.path)]
                yield member


def _tar_members(
    files: ImageFiles, path: str, budget: Budget, hides: Callable[[Header], bool]
) -> Iterator[Member]:
    with files.open(path) as blob:
        packed = io.BufferedReader(cast("io.RawIOBase", blob), 1 << 18)
        method = compression_of(packed.peek(8)) or "tar"
        source = decompress_stream(cast("IO[bytes]", packed), f"layer.{method}")
        yield from tar_members(source, budget, hides)


def _images(files: ImageFiles) -> list[tuple[str, list[str]]]:
    """Return the images with a name and the paths of their layers, the first one first."""
    found: dict[tuple[str, ...], str] = {}
    try:
        for name, layers in _named_layers(files):
            found.setdefault(layers, name or str(len(found)))
            if len(found) > _MOST_IMAGES:
                raise InflatesTooMuch(f"has more than {_MOST_IMAGES} images")
    except (AttributeError, KeyError, TypeError, ValueError):
        raise MalformedBinary("a manifest of the image is corrupt") from None
    if not found:
        raise MalformedBinary("the image has no layers, or their manifest is missing")
    if any(len(layers) > _MOST_LAYERS for layers in found):
        raise InflatesTooMuch(f"has an image of more than {_MOST_LAYERS} layers")
    return [(name.replace("!", "_").strip("/"), list(layers)) for layers, name in found.items()]


def _named_layers(files: ImageFiles) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield the name of each image, empty if it has none, and the paths of its layers."""
    if "manifest.json" not in files:
        yield from _manifests(files, "index.json", "", 0)
        return
    document = files.document("manifest.json")
    if isinstance(document, dict):  # skopeo's
        if "manifests" in document:
            raise MalformedBinary("has images of several platforms, which are not read")
        blobs = (_blob(one["digest"]) for one in document["layers"] if "tar" in one["mediaType"])
        yield "", tuple([blob.rpartition("/")[2] for blob in blobs])
        return
    for number, one in enumerate(document[:_MOST_IMAGES]):
        layers = tuple(os.path.normpath(str(layer)) for layer in one["Layers"])
        yield str((one.get("RepoTags") or [number])[0]), layers


def _manifests(
    files: ImageFiles, path: str, name: str, depth: int
) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield the images that an index or a manifest leads to."""
    document = files.document(path)
    if depth > _MOST_DEPTH:
        raise MalformedBinary("its image indexes are nested too deeply")
    for entry in document.get("manifests", ())[:_MOST_IMAGES]:
        inner = _blob(entry["digest"])
        if inner in files:  # of several platforms, often one only is there
            platform = entry.get("platform") or {}
            names = (entry.get("annotations") or {}).get("org.opencontainers.image.ref.name", "")
            parts = (name, names, platform.get("os", ""), platform.get("architecture", ""))
            yield from _manifests(files, inner, "-".join(filter(None, parts)), depth + 1)
    layers = [one for one in document.get("layers", ()) if "tar" in one.get("mediaType", "")]
    if layers:
        yield name, tuple(_blob(one["digest"]) for one in layers)


def _blob(digest: object) -> str:
    match = _DIGEST.fullmatch(str(digest))
    if not match:
        raise MalformedBinary("a manifest of the image refers to a file without a known digest")
    return f"blobs/{match[1]}/{match[2]}"
