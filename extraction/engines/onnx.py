"""Models on ONNX Runtime: checked against the SHA-256 we know, then opened for few and busy cores."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from extraction.engines import weights
from extraction.engines.spawning import threads

if TYPE_CHECKING:
    import numpy as np


class Model:
    """One picture or batch in, one array out."""

    def __init__(self, package: str, path: str, sha256: str) -> None:
        import onnxruntime

        file = weights.package_file(package, path)
        weights.check(file, sha256)
        self._session = onnxruntime.InferenceSession(str(file), _options(), providers=["CPUExecutionProvider"])
        self._input = self._session.get_inputs()[0].name
        self.notes: dict[str, str] = self._session.get_modelmeta().custom_metadata_map

    def run(self, batch: np.ndarray) -> np.ndarray:
        return self._session.run(None, {self._input: batch})[0]


def _options() -> Any:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    options.intra_op_num_threads = threads()
    options.inter_op_num_threads = 1
    options.enable_cpu_mem_arena = False  # no two pages are of one size: an arena would only grow
    # Threads that spin while they wait take the core from the one they wait for: half the speed on two cores.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    return options
