"""The Docker bridge of this machine, over which `sam local` containers reach the emulator."""

import json
import shutil
import socket
import subprocess
import sys
from ipaddress import ip_network


def find() -> tuple[str, str] | None:
    """Gateway address and network of the default bridge, such as `172.17.0.1`, `172.17.0.0/16`.

    None where no Docker engine answers, and on anything but Linux: Docker Desktop's
    `host.docker.internal` forwards to the host's loopback address by itself.
    """
    if sys.platform != "linux" or shutil.which("docker") is None:
        return None
    answer = subprocess.run(
        ["docker", "network", "inspect", "bridge"],
        capture_output=True,
        text=True,
        check=False,
        timeout=20,
    )
    if answer.returncode != 0:
        return None
    for configuration in json.loads(answer.stdout)[0]["IPAM"]["Config"]:
        network = ip_network(configuration["Subnet"])
        # An engine that was given no gateway takes the first address of the network.
        gateway = configuration.get("Gateway") or str(next(network.hosts()))
        if network.version == 4 and _is_address_of_this_machine(gateway):
            return gateway, str(network)
    return None


def _is_address_of_this_machine(address: str) -> bool:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        try:
            probe.bind((address, 0))
        except OSError:
            return False
    return True
