import json
import pickle
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pytest
import scipy.sparse as sp

from xsell.errors import ModelError
from xsell.files.atomic import digest
from xsell.files.modelfile import FORMAT, stamped
from xsell.files.workspace import Workspace


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    """Give a working directory."""
    return Workspace(tmp_path)


def bundle() -> dict[str, Any]:
    """Make a bundle with everything that may be in one."""
    return {
        "B": np.asfortranarray(np.arange(12.0, dtype=np.float32).reshape(3, 4)),
        "W": sp.csr_array(np.array([[0, 1.5], [2, 0]], np.float32)),
        "ids": ["alpha", "名", "alpha"],
        "names": np.array(["x", "yy"]),
        "parts": {"ease": {"lambda": 3.5, "rho": None, "on": True}, "pair": (1, np.float32(0.5))},
        "empty": np.zeros((0, 3)),
        "list": [sp.csr_array((2, 2), dtype=np.float32)],
    }


def test_a_model_comes_back_as_it_was(workspace: Workspace) -> None:
    """Arrays, sparse matrices and plain values come back equal, and large arrays are not copied into memory."""
    workspace.save_model("ease", bundle(), {"scope": "new"})
    found, sidecar = workspace.load_model("ease")
    wanted = bundle()
    assert found.keys() == wanted.keys()
    for name in ("B", "names", "empty"):
        assert type(found[name]) is np.ndarray
        assert found[name].dtype == wanted[name].dtype
        assert np.array_equal(found[name], wanted[name])
    assert found["B"].flags.f_contiguous
    assert not found["B"].flags.writeable
    assert (found["W"] != wanted["W"]).nnz == 0
    assert found["list"][0].shape == (2, 2)
    assert (found["ids"], found["parts"]) == (wanted["ids"], {"ease": {"lambda": 3.5, "rho": None, "on": True}, "pair": (1, 0.5)})
    assert sidecar["scope"] == "new"


def test_a_loaded_sparse_matrix_can_be_worked_on(workspace: Workspace) -> None:
    """SciPy may sort and sum a loaded matrix in place."""
    workspace.save_model("ease", bundle(), {})
    found = workspace.load_model("ease")[0]["W"]
    found.sum_duplicates()
    found.data *= 2
    assert found.sum() == 7.0


def test_equal_bundles_give_equal_bytes(workspace: Workspace) -> None:
    """Bytes depend on values only: not on which strings, arrays or types are one object, nor on the time."""
    first = workspace.save_model("ease", bundle(), {"scope": "new"})
    other = bundle()
    other["ids"] = ["alpha", "名", str(np.str_("alpha"))]
    other["B"] = pickle.loads(pickle.dumps(other["B"]))  # noqa: S301 - made here
    other["W"] = other["W"].copy()
    assert workspace.save_model("ease", other, {"scope": "new"}) == first


def test_the_sidecar_says_what_it_is(workspace: Workspace) -> None:
    """The sidecar names format, versions and the digest of its bundle."""
    workspace.save_model("ease", bundle(), {"parameters": {"lambda": 3.5}})
    sidecar = json.loads((workspace.root / "models/ease.json").read_text(encoding="utf-8"))
    assert sidecar["format"] == FORMAT
    assert {"python", "numpy", "scipy", "scikit-learn", "joblib"} <= sidecar["libraries"].keys()
    assert sidecar["sha256"] == digest(workspace.root / "models/ease.joblib")
    assert sidecar["parameters"] == {"lambda": 3.5}


@pytest.mark.parametrize(
    "value", [{1, 2}, object(), np.array([object()]), len, sp.csc_array((2, 2))], ids=lambda value: type(value).__name__
)
def test_only_plain_values_are_written(workspace: Workspace, value: object) -> None:
    """Anything but plain values, numeric arrays and CSR matrices is refused, and no file is left."""
    with pytest.raises(TypeError, match="cannot hold"):
        workspace.save_model("ease", {"x": {"y": [value]}}, {})
    assert not list(workspace.root.rglob("*.*"))


def test_a_model_never_trained_says_how(workspace: Workspace) -> None:
    """A model without files has exit code 5 and the command that trains it."""
    with pytest.raises(ModelError, match="never trained") as caught:
        workspace.load_model("cross")
    assert caught.value.hint == "Run `xsell train --model cross`."
    assert caught.value.exit_code == 5


@pytest.mark.parametrize("text", ["", "null", "3", "[1]", '"x"', "{}", f'{{"format": {FORMAT}}}'])
def test_a_sidecar_that_is_none_is_refused(workspace: Workspace, text: str) -> None:
    """Whatever stands in the file, a sentence says that the model is damaged or of another format, and how to train it again."""
    workspace.save_model("ease", bundle(), {"scope": "new"})
    (workspace.root / "models/ease.json").write_text(text, encoding="utf-8")
    with pytest.raises(ModelError) as caught:
        workspace.load_model("ease")
    assert "xsell train" in caught.value.hint


def test_a_sidecar_changed_by_hand_is_refused_and_one_laid_out_anew_is_not(workspace: Workspace) -> None:
    """What the sidecar says was learnt with the model; only how the text is laid out may change."""
    workspace.save_model("ease", bundle(), {"scope": "new", "like": 3.0, "名": [1, None]})
    file = workspace.root / "models/ease.json"
    sidecar = json.loads(file.read_text(encoding="utf-8"))
    file.write_text(json.dumps(dict(reversed(sidecar.items()))), encoding="utf-8")
    assert workspace.load_model("ease")[1] == sidecar
    for other in ({**sidecar, "like": 4.0}, {**sidecar, "like": "x"}, {key: sidecar[key] for key in sidecar if key != "scope"}):
        file.write_text(json.dumps(other), encoding="utf-8")
        with pytest.raises(ModelError, match="is not what was written"):
            workspace.load_model("ease")


@pytest.mark.parametrize("harm", ["sidecar", "bundle", "gone", "format"])
def test_damage_is_found(workspace: Workspace, harm: str) -> None:
    """A changed, missing or incompatible file is never loaded."""
    workspace.save_model("ease", bundle(), {})
    joblib_file, sidecar_file = workspace.root / "models/ease.joblib", workspace.root / "models/ease.json"
    if harm == "sidecar":
        sidecar_file.write_text("{", encoding="utf-8")
    elif harm == "bundle":
        content = bytearray(joblib_file.read_bytes())
        content[-1] ^= 1
        joblib_file.write_bytes(content)
    elif harm == "gone":
        joblib_file.unlink()
    else:
        sidecar_file.write_text(json.dumps({**json.loads(sidecar_file.read_text(encoding="utf-8")), "format": 99}), encoding="utf-8")
    with pytest.raises(ModelError) as caught:
        workspace.load_model("ease")
    assert "xsell train" in caught.value.hint


class Evil:
    """Runs a command when it is unpickled."""

    def __reduce__(self) -> tuple[Any, tuple[str]]:
        import os  # noqa: PLC0415 - what an attacker would do

        return os.system, ("touch owned",)


@pytest.mark.parametrize(
    "value", [Evil(), np.array([Evil()], dtype=object), {"deep": [np.array([[Evil()]], dtype=object)]}], ids=["plain", "array", "deep"]
)
def test_a_foreign_file_runs_no_code(workspace: Workspace, monkeypatch: pytest.MonkeyPatch, value: object) -> None:
    """A file that asks for anything but arrays is refused before it runs, also inside arrays of objects and with a sidecar that agrees."""
    monkeypatch.chdir(workspace.root)
    workspace.save_model("ease", {}, {})
    path = workspace.root / "models/ease.joblib"
    joblib.dump({"B": value}, path)
    workspace.write_json("models/ease.json", stamped({}, digest(path)))
    with pytest.raises(ModelError, match="refused"):
        workspace.load_model("ease")
    assert not (workspace.root / "owned").exists()
