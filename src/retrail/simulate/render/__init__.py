"""Pictures of a world: people of tapered bodies before a traced room, by a z-buffer.

One camera after another or in threads: the kernels free the GIL, and every picture depends on nothing but the world,
the camera and its time.
"""
