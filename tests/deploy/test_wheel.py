"""The wheels, installed by themselves: what `otelgres serve` needs is in them, and it runs as anybody."""

import os
import select
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.otelgres_process import own_ports, plain_environment
from tests.reachable import reachable_directory

ROOT = Path(__file__).parents[2]
UV = Path(sys.executable).with_name("uv")
NOBODY = 65534
SECONDS = 300


@pytest.fixture(scope="module")
def place() -> Iterator[Path]:
    """A directory with an environment `installed` that holds the wheels and what they ask for, and nothing of ours."""
    with reachable_directory() as place:
        uv("build", "--quiet", "--wheel", "--out-dir", place / "wheels", ROOT)
        # From a copy, without what was compiled here, and as on a machine without a compiler: it takes minutes.
        shutil.copytree(ROOT / "exporter", place / "exporter", ignore=shutil.ignore_patterns("build", "*.so"))
        uv("build", "--quiet", "--wheel", "--out-dir", place / "wheels", place / "exporter", CC="false")
        uv("venv", "--quiet", "--python", interpreter(place), place / "installed")
        locked = uv("export", "--quiet", "--frozen", "--no-default-groups", "--no-emit-workspace", "--no-hashes")
        (place / "locked.txt").write_text(locked)
        wheels = sorted((place / "wheels").glob("*.whl"))
        assert len(wheels) == 2
        python = place / "installed" / "bin" / "python"
        uv("pip", "install", "--quiet", "--python", python, "--requirements", place / "locked.txt", *wheels)
        yield place


def interpreter(place: Path) -> Path:
    """A Python that everybody may run: this one, or a copy of it."""
    own = Path(sys.executable).resolve()
    if os.geteuid() != 0 or all(folder.stat().st_mode & 0o001 for folder in own.parents):
        return own
    copy, library = place / "python", f"lib/python{sys.version_info.major}.{sys.version_info.minor}"
    unneeded = shutil.ignore_patterns("__pycache__", "site-packages", "test", "*.a")
    shutil.copytree(Path(sys.base_prefix, library), copy / library, ignore=unneeded)
    (copy / library / "site-packages").mkdir()
    for shared in Path(sys.base_prefix, "lib").glob("libpython*.so*"):
        shutil.copy2(shared, copy / "lib")
    (copy / "bin").mkdir()
    return Path(shutil.copy2(own, copy / "bin" / "python3"))


def uv(*arguments: object, **variables: str) -> str:
    done = subprocess.run(
        [UV, *map(str, arguments)],
        cwd=ROOT,
        env=os.environ | variables,
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_it_serves_from_the_wheels_as_a_user_without_rights(place: Path) -> None:
    root = os.geteuid() == 0
    home = place / "home"
    home.mkdir()
    if root:
        shutil.chown(home, NOBODY, NOBODY)
    ready, announce = os.pipe()
    life, ours = os.pipe()
    environment = plain_environment() | own_ports() | {
        # Where this Python was copied it would else find its library where it was built, or another one.
        "LD_LIBRARY_PATH": str(place / "python" / "lib"),
        "HOME": str(home),
        "XDG_RUNTIME_DIR": str(home),
        "OTELGRES_DATA_DIR": str(home / "data"),
        "OTELGRES_RETENTION_DAYS": "1",
        "OTELGRES_READY_FD": str(announce),
        "OTELGRES_PARENT_FD": str(life),
    }  # fmt: skip
    process = subprocess.Popen(
        [place / "installed" / "bin" / "otelgres", "serve"],
        env=environment,
        cwd=home,
        pass_fds=(announce, life),
        user=NOBODY if root else None,
        group=NOBODY if root else None,
        extra_groups=[] if root else None,
    )
    try:
        assert select.select([ready], [], [], 120)[0]
        assert os.read(ready, 64) == b"ready\n"
        url = f"http://127.0.0.1:{environment['OTELGRES_PORT']}"
        assert httpx.get(f"{url}/readyz").status_code == 200
        assert "<html" in httpx.get(f"{url}/admin/").text
    finally:
        process.terminate()
        process.wait(60)
        for pipe in (ready, announce, life, ours):
            os.close(pipe)
    assert process.returncode == 0
