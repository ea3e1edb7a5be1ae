"""PlanFunction: split a large file into units, the first state of the state machine."""

from collections.abc import Mapping
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from contact_import.aws import events
from contact_import.handlers import dependencies
from contact_import.handlers.runtime import ident, logger, tracer, without_texts
from contact_import.pipelines import large_file

_RESERVE_SECONDS = 120.0


@logger.inject_lambda_context
@tracer.capture_lambda_handler(capture_response=False, capture_error=False)
def on_plan(event: Mapping[str, Any], context: LambdaContext) -> dict[str, str]:
    """Split a large file into units. Return the key of the manifest that lists them."""
    with without_texts():
        upload = events.from_execution(event)
        logger.info("plan started", import_id=ident(upload), size=upload.size)
        manifest = large_file.plan(
            upload,
            bucket=dependencies.bucket(upload.bucket),
            settings=dependencies.settings(),
            has_time=lambda: dependencies.seconds_left(context) > _RESERVE_SECONDS,
        )
        logger.info("plan finished", import_id=ident(upload))
        return {"manifest": manifest}
