"""Write the results of a large file, the last state of the state machine (FinishFunction)."""

from collections.abc import Mapping
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from contact_import.aws import events
from contact_import.handlers import dependencies
from contact_import.handlers.runtime import error_boundary, log_result, logger, relax_garbage_collection, tracer
from contact_import.pipelines.large_file.finish import finish_import


@logger.inject_lambda_context
@tracer.capture_lambda_handler(capture_response=False, capture_error=False)
def on_finish(event: Mapping[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Write the results of a large file, whether its units succeeded or failed. Return its id, status and counts.

    The ASL passes the error of a failed state as `failure`.
    """
    relax_garbage_collection()
    with error_boundary():
        upload, settings = events.parse_execution_input(event), dependencies.get_settings()
        result = finish_import(
            upload,
            bucket=dependencies.get_bucket(upload.bucket),
            settings=settings,
            now=dependencies.get_utc_now,
            client=dependencies.build_client(settings, context, dependencies.SHORT_OUTAGE_TIMEOUT),
            has_failed="failure" in event,
        )
        return log_result(upload, result)
