"""`sam deploy --guided` with Enter for every question, offline: SAM asks its questions before it asks AWS."""

import os
import re
import shutil
import subprocess
from pathlib import Path

from local.deployment.artifact import ROOT

SAM = ROOT / ".venvs" / "sam" / "bin" / "sam"
# Port 9 on loopback, where nothing answers: the first call of AWS ends the command.
_ENVIRONMENT = {
    "AWS_ACCESS_KEY_ID": "none",
    "AWS_SECRET_ACCESS_KEY": "none",
    "AWS_DEFAULT_REGION": "ap-southeast-2",
    "AWS_EC2_METADATA_DISABLED": "true",
    "AWS_ENDPOINT_URL": "http://127.0.0.1:9",
    "AWS_MAX_ATTEMPTS": "1",
    "SAM_CLI_TELEMETRY": "0",
}


def test_enter_answers_every_question(tmp_path: Path) -> None:
    config = shutil.copy(ROOT / "samconfig.toml", tmp_path)

    done = subprocess.run(
        [SAM, "deploy", "--guided", "--config-env", "prod", "--config-file", config],
        input="\n" * 60,
        cwd=ROOT,
        env=os.environ | _ENVIRONMENT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )

    text = done.stdout + done.stderr
    assert "Looking for resources needed for deployment" in text  # what comes after the last question
    assert "no authentication" not in text
    (questions,) = re.findall(r"asks (\d+) questions", (ROOT / "docs" / "operations.md").read_text("utf-8"))
    assert len(re.findall(r"\[[^\]\n]*\]: ", text)) == int(questions)
