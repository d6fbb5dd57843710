"""Become a command that is told to stop (SIGTERM) when its parent dies, even by SIGKILL.

    python -I -S mortal.py PARENT_PID COMMAND [ARGUMENT...]

Its parent, to Linux, is the thread that started it. Elsewhere than on Linux the command outlives a
parent that was killed, until its work is done. Either way it writes no partial files.
"""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1


def main(parent: int, command: list[str]) -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != parent:  # it died before we asked
            sys.exit(1)
    os.execvp(command[0], command)


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2:])
