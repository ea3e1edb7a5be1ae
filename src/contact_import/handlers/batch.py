"""Send one unit of a large file, one item of the Distributed Map (BatchFunction)."""

from collections.abc import Mapping
from typing import Any

from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext

from contact_import.errors import EventError
from contact_import.handlers import dependencies
from contact_import.handlers.runtime import (
    error_boundary,
    logger,
    metrics_scope,
    record_slowest_response,
    relax_garbage_collection,
    report_denied_key,
    tracer,
)
from contact_import.pipelines.large_file.unit import send_unit


@logger.inject_lambda_context
@tracer.capture_lambda_handler(capture_response=False, capture_error=False)
def on_batch(event: Mapping[str, Any], context: LambdaContext) -> None:
    """Send one unit of the plan. Return nothing, because the ledger has the outcomes."""
    relax_garbage_collection()
    with metrics_scope() as metrics, error_boundary():
        try:
            bucket_name, import_id, unit = str(event["bucket"]), str(event["import_id"]), int(event["unit"])
        except (KeyError, ValueError) as error:
            raise EventError("The input is not a unit of a plan.") from error
        settings = dependencies.get_settings()
        bucket = dependencies.get_bucket(bucket_name)
        client = dependencies.build_client(settings, context, dependencies.SHORT_OUTAGE_TIMEOUT)
        logger.info("unit started", import_id=import_id, unit=unit)
        metrics.add_metric(name="Units", unit=MetricUnit.Count, value=1)
        try:
            send_unit(import_id, unit, bucket=bucket, settings=settings, client=client, now=dependencies.get_utc_now)
        finally:
            report_denied_key(client)
        record_slowest_response(client, metrics)
        logger.info("unit finished", import_id=import_id, unit=unit)
