"""Split a large file into units, the first state of the state machine (PlanFunction)."""

from collections.abc import Mapping
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from contact_import.aws import events
from contact_import.handlers import dependencies
from contact_import.handlers.runtime import error_boundary, get_import_id, logger, relax_garbage_collection, tracer
from contact_import.pipelines.large_file.plan import plan_import

RESERVE_SECONDS = 120.0  # of the invocation, for writing the last part of the plan and the position


@logger.inject_lambda_context
@tracer.capture_lambda_handler(capture_response=False, capture_error=False)
def on_plan(event: Mapping[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Split a large file into units. Return the key of the manifest that lists them, and whether to verify arrival.

    `is_complete` is False if the time was too short: the state machine then calls this function again.
    """
    relax_garbage_collection()
    with error_boundary():
        upload, settings = events.parse_execution_input(event), dependencies.get_settings()
        logger.info("plan started", import_id=get_import_id(upload), size=upload.size)
        manifest = plan_import(
            upload,
            bucket=dependencies.get_bucket(upload.bucket),
            settings=settings,
            now=dependencies.get_utc_now,
            has_time=lambda: dependencies.get_remaining_seconds(context) > RESERVE_SECONDS,
        )
        logger.info("plan finished", import_id=get_import_id(upload), is_complete=bool(manifest))
        return {"manifest": manifest, "verify": settings.verify, "is_complete": bool(manifest)}
