"""The committed protobuf code is what protoc makes of the contract."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
COMMAND = (
    "python -m grpc_tools.protoc -Iproto --python_out=ps_tui/wire "
    "--pyi_out=ps_tui/wire proto/telemetry.proto"
)

pytest.importorskip("grpc_tools", reason="grpcio-tools is not installed")


@pytest.fixture(scope="module")
def generated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("generated")
    subprocess.run(
        [
            sys.executable,
            "-m",
            "grpc_tools.protoc",
            f"-I{ROOT / 'proto'}",
            f"--python_out={target}",
            f"--pyi_out={target}",
            "telemetry.proto",
        ],
        check=True,
        timeout=50,
    )
    return target


@pytest.mark.parametrize("name", ["telemetry_pb2.py", "telemetry_pb2.pyi"])
def test_committed_code_is_what_protoc_generates(generated: Path, name: str) -> None:
    committed = (ROOT / "ps_tui" / "wire" / name).read_text()
    assert committed == (generated / name).read_text(), (
        f"{name} is not what proto/telemetry.proto says. Run: {COMMAND}"
    )
