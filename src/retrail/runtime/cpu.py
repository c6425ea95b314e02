"""What this machine's processor can compute in."""

from __future__ import annotations

from pathlib import Path

BF16_FLAGS = frozenset({"amx_bf16", "avx512_bf16"})


def has_bf16(cpuinfo: Path = Path("/proc/cpuinfo")) -> bool:
    """Whether the processor multiplies bf16 (AMX or AVX512_BF16); False where nobody can tell.

    f16 is no choice on such a processor: measured, it is slower than f32.
    """
    try:
        text = cpuinfo.read_text("utf-8", errors="replace")
    except OSError:
        return False
    return any(BF16_FLAGS & set(line.split()) for line in text.splitlines() if line.startswith("flags"))
