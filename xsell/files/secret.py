"""A secret that is made once and stays in the working directory."""

import os
import re
import secrets
from pathlib import Path

from xsell.errors import XsellError
from xsell.files.atomic import explained, replacing

KEY = "holdout.key"
BYTES = 32


def kept(root: Path) -> tuple[bytes, bool]:
    """
    Read the secret of a directory, or make one that only its owner may read.

    Returns:
        The secret, and whether it is new.

    Raises:
        XsellError: The file is there and holds no secret, or it cannot be read or written.
    """
    path = root / KEY
    try:
        text = path.read_text(encoding="ascii").strip()
    except FileNotFoundError:
        text = secrets.token_hex(BYTES)
        with replacing(path) as file:
            os.fchmod(file.fileno(), 0o600)
            file.write(f"{text}\n".encode())
        return bytes.fromhex(text), True
    except UnicodeDecodeError:
        text = ""
    except OSError as error:
        raise explained(error, path) from error
    if not re.fullmatch(rf"[0-9a-f]{{{2 * BYTES}}}", text):
        raise XsellError(f"{path} is damaged.", "Put it back from a copy; if you delete it, the next run holds out other customers.")
    return bytes.fromhex(text), False
