"""Runs networks: OpenVINO behind one small interface. Knows nothing of people."""

from retrail.runtime.network import Network, Outputs
from retrail.runtime.opening import open_network

__all__ = ["Network", "Outputs", "open_network"]
