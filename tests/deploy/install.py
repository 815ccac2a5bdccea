"""`python -m tests.deploy.install`: makes sure that systemd-analyze is there, which reads the unit as systemd would."""

import os
import shutil
import subprocess
import sys


def main() -> int:
    """Install what is missing where that is possible, else say so. 0 when all is there; then it is instant."""
    if shutil.which("systemd-analyze"):
        return 0
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        print("The tests of deploy/ need systemd-analyze; here: sudo apt-get install systemd", file=sys.stderr)
        return 1
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    for arguments in (["update"], ["install", "-y", "--no-install-recommends", "systemd"]):
        if subprocess.run(["apt-get", "-q", *arguments], env=environment, stdout=sys.stderr).returncode:
            print(f"apt-get {arguments[0]} failed; the tests of deploy/ need systemd-analyze", file=sys.stderr)
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
