"""`python -m tests.browser.install`: makes sure that what the browser tests drive is there, Chromium and curl."""

import os
import shutil
import subprocess
import sys

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def find() -> str | None:
    """The path of a Chromium or Chrome, if this machine has one."""
    return next((path for name in NAMES if (path := shutil.which(name))), None)


def missing() -> list[str]:
    """Debian's packages that bring what is not there."""
    packages = [] if find() else ["chromium", "fonts-dejavu-core"]
    return packages if shutil.which("curl") else [*packages, "curl"]


def main() -> int:
    """Install what is missing where that is possible, else say so. 0 when all is there; then it is instant."""
    packages = missing()
    if not packages:
        return 0
    wanted = " ".join(packages)
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        print(
            f"The browser tests need Chromium or Chrome, and curl; here: sudo apt-get install {wanted}",
            file=sys.stderr,
        )
        return 1
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    for arguments in (["update"], ["install", "-y", "--no-install-recommends", *packages]):
        if subprocess.run(["apt-get", "-q", *arguments], env=environment, stdout=sys.stderr).returncode:
            print(f"apt-get {arguments[0]} failed; the browser tests need {wanted}", file=sys.stderr)
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
