"""Changes to files that need no help from a keeper."""

import os
from collections.abc import Callable
from pathlib import Path

from PIL import Image
from PIL.PngImagePlugin import PngInfo


def change_one_byte_of(path: Path, at: int) -> None:
    """Flip a bit in place: the same file (inode), with the same length."""
    with path.open("r+b") as file:
        file.seek(at)
        byte = file.read(1)[0]
        file.seek(at)
        file.write(bytes([byte ^ 1]))


def unseen(path: Path, change: Callable[[Path], object]) -> None:
    """Make a change that keeps the size, and put the modification time back."""
    before = path.stat()
    change(path)
    assert path.stat().st_size == before.st_size
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


def swap(one: Path, other: Path) -> None:
    content = one.read_bytes()
    one.write_bytes(other.read_bytes())
    other.write_bytes(content)


def truncate(path: Path) -> None:
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])


def retouch(path: Path) -> None:
    """Paint a white square on a picture; its text chunks stay."""
    with Image.open(path) as image:
        kept = PngInfo()
        for key, value in image.text.items():
            kept.add_text(key, value)
        left, top = image.size[0] // 2, image.size[1] // 2
        image.paste("white", (left, top, left + 20, top + 20))
        image.save(path, pnginfo=kept)
