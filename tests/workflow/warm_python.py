"""A Python whose `-m largebatch` runs in a process that has imported what it needs (`forked`).

python -IS warm_python.py SOCKET [ARGUMENT...]
"""

import json
import os
import socket
import sys

server, *arguments = sys.argv[1:]
if arguments[:2] != ["-m", "largebatch"]:
    os.execv(sys.executable, [sys.executable, *arguments])
request = ["largebatch", arguments[2:], os.getcwd(), dict(os.environ)]
with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as connection:
    connection.connect(server)
    socket.send_fds(connection, [json.dumps(request).encode()], [0, 1, 2])
    sys.exit(connection.recv(1)[0])
