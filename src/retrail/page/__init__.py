"""The loopback page: what the cameras see, now, with boxes and identities on the frames they belong to."""

from retrail.page.live import LivePage
from retrail.page.server import serve_live

__all__ = ["LivePage", "serve_live"]
