"""
Model files: a joblib file of plain values and arrays, and a JSON sidecar that says what it is.

A pickle can run any code when it is loaded. What is written here is made of plain values and numeric arrays only, and the reader refuses every
name but the few that such arrays need.
"""

import json
import platform
from collections.abc import Callable, Mapping
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from pickle import UnpicklingError
from sys import intern
from typing import Any, BinaryIO

import joblib
import numpy as np
import scipy.sparse as sp
from joblib.numpy_pickle import NumpyArrayWrapper, NumpyUnpickler

from xsell import __version__
from xsell.errors import ModelError
from xsell.files.atomic import digest

FORMAT = 4
LIBRARIES = ("numpy", "scipy", "scikit-learn", "joblib")
SEAL = "sidecar sha256"
SPARSE = "csr:data,indices,indptr,shape"
ALLOWED: dict[tuple[str, str], Any] = {
    ("joblib.numpy_pickle", "NumpyArrayWrapper"): NumpyArrayWrapper,
    ("numpy", "ndarray"): np.ndarray,
    ("numpy", "dtype"): np.dtype,
}


def dump(bundle: dict[str, Any], file: BinaryIO) -> None:
    """
    Write a bundle; equal bundles give equal bytes.

    Raises:
        TypeError: A value is neither plain nor a numeric or string array.
    """
    joblib.dump(_plain(bundle, {}), file, compress=0, protocol=5)


def stamped(sidecar: Mapping[str, Any], bundle: str) -> dict[str, Any]:
    """Add format, versions, the bundle's digest and that of the sidecar itself to a sidecar."""
    whole = {"format": FORMAT, **versions(), **sidecar, "sha256": bundle}
    return {**whole, SEAL: _sealed(whole)}


def _sealed(sidecar: Mapping[str, Any]) -> str:
    """Digest of all but the digest, however the file is laid out."""
    facts = json.loads(json.dumps({key: value for key, value in sidecar.items() if key != SEAL}))
    return sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()


def versions() -> dict[str, Any]:
    """Name the versions that the numbers depend on."""
    return {"xsell": __version__, "libraries": {"python": platform.python_version(), **{name: version(name) for name in LIBRARIES}}}


def load(directory: Path, name: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """
    Read bundle and sidecar.

    Raises:
        ModelError: It was never trained, has another format, or is damaged.
    """
    path = directory / f"{name}.joblib"
    train = f"Run `xsell train --model {name}`."
    sidecar = read_sidecar(directory, name)
    if sidecar.get("format") != FORMAT:
        raise ModelError(f"Model {name} was written in format {sidecar.get('format')}, and this version reads format {FORMAT}.", train)
    try:
        if digest(path) != sidecar.get("sha256"):
            raise ModelError(f"Model {name} is damaged: {path} is not the file that was trained.", train)
        with path.open("rb") as file:
            return _sparse(_Careful(str(path), file, ensure_native_byte_order=False, mmap_mode="r").load()), sidecar
    except UnpicklingError as error:
        raise ModelError(f"Model {name} is refused: {error}.", train) from None
    except (OSError, ValueError, EOFError, KeyError, TypeError, AttributeError, IndexError) as error:
        raise ModelError(f"Model {name} is damaged: {path} cannot be read.", train) from error


def read_sidecar(directory: Path, name: str) -> dict[str, Any]:
    """
    Read what is known of a model without loading it.

    Raises:
        ModelError: It was never trained, or the file is damaged.
    """
    try:
        found: dict[str, Any] = dict(json.loads((directory / f"{name}.json").read_bytes()))
    except FileNotFoundError:
        raise ModelError(f"Model {name} was never trained in {directory.parent}.", f"Run `xsell train --model {name}`.") from None
    except (OSError, ValueError, TypeError) as error:
        raise ModelError(
            f"Model {name} is damaged: {directory / name}.json cannot be read.", f"Run `xsell train --model {name}`."
        ) from error
    if SEAL in found and found[SEAL] != _sealed(found):
        raise ModelError(f"Model {name} is damaged: {directory / name}.json is not what was written.", f"Run `xsell train --model {name}`.")
    return found


class _Careful(NumpyUnpickler):  # type: ignore[misc]  # joblib has no types
    """Knows arrays and nothing else."""

    def find_class(self, module: str, name: str) -> Any:
        found = ALLOWED.get((module, name))
        if found is None:
            raise UnpicklingError(f"its file asks for {module}.{name}, which no model needs")
        return found


def _plain(value: Any, dtypes: dict[str, np.dtype[Any]]) -> Any:
    """Rebuild a value from plain parts; pickle writes references by identity, so equal strings and dtypes become one object."""
    if isinstance(value, np.ndarray):
        return _array(value, dtypes)
    if isinstance(value, sp.csr_array | sp.csr_matrix):
        parts = {"data": value.data, "indices": value.indices, "indptr": value.indptr, "shape": [int(n) for n in value.shape]}
        return {SPARSE: _plain(parts, dtypes)}
    if isinstance(value, np.generic):
        value = value.item()
    for kind, rebuild in REBUILT.items():
        if isinstance(value, kind):
            return rebuild(value, lambda part: _plain(part, dtypes))
    raise TypeError(f"a model file cannot hold a {type(value).__name__}")


REBUILT: dict[type | tuple[type, ...], Callable[[Any, Callable[[Any], Any]], Any]] = {
    str: lambda value, _: intern(str(value)),
    (bool, int, float, type(None)): lambda value, _: value,
    Mapping: lambda value, plain: {plain(k): plain(v) for k, v in value.items()},
    list: lambda value, plain: [plain(v) for v in value],
    tuple: lambda value, plain: tuple([plain(v) for v in value]),
}


def _array(value: np.ndarray[Any, Any], dtypes: dict[str, np.dtype[Any]]) -> np.ndarray[Any, Any]:
    if value.dtype.kind not in "biufUSMm":
        raise TypeError(f"a model file cannot hold an array of {value.dtype}")
    array = np.asarray(value)
    return array.view(dtypes.setdefault(array.dtype.str, np.dtype(array.dtype.str)))


def _sparse(value: Any) -> Any:
    """Put sparse matrices together again, in memory of their own, because SciPy writes to theirs."""
    if isinstance(value, np.ndarray):
        return np.asarray(value)
    if isinstance(value, dict):
        parts = value.get(SPARSE)
        if parts is not None:
            return sp.csr_array((parts["data"], parts["indices"], parts["indptr"]), shape=tuple(parts["shape"]), copy=True)
        return {key: _sparse(part) for key, part in value.items()}
    if isinstance(value, list):
        return [_sparse(part) for part in value]
    return tuple([_sparse(part) for part in value]) if isinstance(value, tuple) else value
