"""An RTSP server for tests, run by the system's own Python (GStreamer's bindings live there, not in our environment).

    /usr/bin/python3 server.py --port 8554 [--width 320 --height 240 --fps 25] [--file CLIP] [--user U --password P]

``/numbers`` shows every viewer the numbers 0, 1, 2 … one a frame, as tests/numbers_in_pictures.py draws them; ``/file``
plays a clip in real time from its start. One line of standard input is one order, answered by one line:

    pause | resume        nothing is sent, the connection stands
    size WIDTH HEIGHT     another size from the next frame on
    leap SECONDS          the stream's clock jumps
    stop | start          every viewer is thrown out and nobody comes in | they may come again
    sent                  how many numbers the latest viewer was sent so far
    stamps                when each of them was stamped, in seconds of the server's clock
    plays                 how often anybody began to watch anything
    quit
"""

import argparse
import sys
import threading

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstRtspServer", "1.0")
from gi.repository import GLib, Gst, GstRtspServer  # noqa: E402

BITS = 16
PAYLOAD = "rtph264pay name=pay0 pt=96 config-interval=-1"
FIRST_STAMP_NS = 1_000_000_000_000
VIEWER = "viewer, media.factory.access=(boolean)true, media.factory.construct=(boolean)true;"


class Numbers:
    """Pushes pictures with numbers into one viewer's pipeline, at the server's pace."""

    def __init__(self, server, source, payloader):
        self.server = server
        self.source = source
        self.payload = payloader.get_static_pad("src")
        self.sent = 0
        self.stamps = []
        self.playing = self.ended = False
        self.size = None
        # The stream's clock may leap either way, so it does not begin at zero. The pad takes off again what the stamps
        # are ahead, or what is behind it would wait for that time to come.
        self.ahead_ns = FIRST_STAMP_NS
        self.payload.set_offset(-self.ahead_ns)
        GLib.timeout_add(max(1, 1000 // server.fps), self.push)

    def push(self):
        if self.ended:
            return False
        waits = self.sent > 0 and not self.playing  # the pipeline wants one picture before anybody may watch
        clock = self.source.get_clock()
        if waits or clock is None or self.server.paused or self.server.stopped:
            return True
        if self.size != self.server.size:
            self.size = width, height = self.server.size
            text = f"video/x-raw,format=I420,width={width},height={height},framerate={self.server.fps}/1"
            self.source.set_property("caps", Gst.Caps.from_string(text))
        buffer = Gst.Buffer.new_wrapped(picture(self.sent, *self.size))
        running_ns = clock.get_time() - self.source.get_base_time()
        self.stamps.append(running_ns / Gst.SECOND)
        buffer.pts = running_ns + self.ahead_ns
        buffer.duration = Gst.SECOND // self.server.fps
        if self.source.emit("push-buffer", buffer) != Gst.FlowReturn.OK:
            return False
        self.sent += 1
        return True

    def leap(self, seconds):
        self.ahead_ns += int(seconds * Gst.SECOND)
        self.payload.set_offset(-self.ahead_ns)


def picture(number, width, height):
    """I420 bytes: upright bars, dark for 0 and bright for 1, highest bit at the left."""
    row = bytearray(width)
    for x in range(width):
        bit = min(x * BITS // width, BITS - 1)
        row[x] = 210 if number >> (BITS - 1 - bit) & 1 else 40
    return bytes(row) * height + b"\x80" * (2 * ((width + 1) // 2) * ((height + 1) // 2))


class Server:
    def __init__(self, options):
        self.fps = options.fps
        self.size = (options.width, options.height)
        self.paused = self.stopped = False
        self.numbers = None
        self.plays = 0
        self.viewers = []
        self.rtsp = GstRtspServer.RTSPServer()
        self.rtsp.set_address("127.0.0.1")
        self.rtsp.set_service(str(options.port))
        encoder = f"x264enc tune=zerolatency speed-preset=ultrafast key-int-max={options.fps} bitrate=400 threads=1"
        self.mount(
            "/numbers",
            f"( appsrc name=numbers format=time is-live=true max-bytes=0 ! videoconvert ! {encoder} ! {PAYLOAD} )",
            self.configured,
        )
        if options.file:
            self.mount(
                "/file", f'( filesrc location="{options.file}" ! qtdemux ! h264parse ! rtph264pay name=pay0 pt=96 )'
            )
        if options.user:
            self.guard(options.user, options.password)
        self.rtsp.connect("client-connected", self.connected)
        if not self.rtsp.attach(None):
            sys.exit(f"port {options.port} is taken")

    def mount(self, path, pipeline, configured=None):
        factory = GstRtspServer.RTSPMediaFactory()
        factory.set_launch(pipeline)
        factory.set_shared(False)
        if configured:
            factory.connect("media-configure", configured)
        self.guarded = [*getattr(self, "guarded", []), factory]
        self.rtsp.get_mount_points().add_factory(path, factory)

    def guard(self, user, password):
        auth = GstRtspServer.RTSPAuth()
        token = GstRtspServer.RTSPToken()
        token.set_string("media.factory.role", "viewer")
        auth.add_basic(GstRtspServer.RTSPAuth.make_basic(user, password), token)
        self.rtsp.set_auth(auth)
        for factory in self.guarded:
            factory.add_role_from_structure(
                Gst.Structure.from_string(
                    "viewer, media.factory.access=(boolean)true, media.factory.construct=(boolean)true;"
                )[0]
            )

    def configured(self, factory, media):
        element = media.get_element()
        numbers = Numbers(self, element.get_by_name("numbers"), element.get_by_name("pay0"))
        numbers.media = media
        self.viewers.append(numbers)
        media.connect("unprepared", lambda media: setattr(numbers, "ended", True))
        self.numbers = numbers

    def connected(self, server, client):
        client.connect("play-request", self.played)
        if self.stopped:
            GLib.idle_add(client.close)

    def played(self, client, context):
        self.plays += 1
        for numbers in self.viewers:
            if numbers.media == context.media:
                numbers.playing = True

    def order(self, line):
        name, *values = line.split()
        if name in ("pause", "resume"):
            self.paused = name == "pause"
        elif name == "size":
            self.size = (int(values[0]), int(values[1]))
        elif name == "leap":
            self.numbers.leap(float(values[0]))
        elif name in ("stop", "start"):
            self.stopped = name == "stop"
            if self.stopped:
                self.rtsp.client_filter(lambda server, client: GstRtspServer.RTSPFilterResult.REMOVE)
        elif name == "stamps":
            return " ".join(f"{stamp_s:.6f}" for stamp_s in self.numbers.stamps)
        elif name == "plays":
            return str(self.plays)
        elif name != "sent":
            return "unknown"
        return str(self.numbers.sent if self.numbers else 0)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--width", type=int, default=320)
    parser.add_argument("--height", type=int, default=240)
    parser.add_argument("--fps", type=int, default=25)
    parser.add_argument("--file")
    parser.add_argument("--user")
    parser.add_argument("--password", default="")
    options = parser.parse_args()
    Gst.init(None)
    server = Server(options)
    loop = GLib.MainLoop()

    def obey(line):
        print(server.order(line), flush=True)
        return False

    def listen():
        for line in sys.stdin:
            if line.strip() == "quit":
                break
            GLib.idle_add(obey, line)
        loop.quit()

    threading.Thread(target=listen, daemon=True).start()
    print("ready", flush=True)
    loop.run()


if __name__ == "__main__":
    main()
