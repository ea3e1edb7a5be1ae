"""The functions log into a file, and nothing of it comes between the lines of a command."""

import io
import sys

import pytest

from contact_import.handlers.runtime import logger
from local.function_log import redirect_function_output


def test_a_logger_that_was_made_before_writes_into_the_file_too(capsys: pytest.CaptureFixture[str]) -> None:
    log = io.StringIO()

    with redirect_function_output(log):
        logger.info("import started")
        sys.stdout.write('{"_aws": {}}')

    assert "import started" in log.getvalue()
    assert "_aws" in log.getvalue()
    assert capsys.readouterr().out == ""


def test_after_the_block_the_functions_log_as_before() -> None:
    log = io.StringIO()
    with redirect_function_output(log):
        pass

    logger.info("later")
    sys.stdout.write("later")

    assert log.getvalue() == ""
