"""BatchFunction: send one unit of a large file, one item of the Distributed Map."""

from collections.abc import Mapping
from typing import Any

from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext

from contact_import.errors import EventError
from contact_import.handlers import dependencies
from contact_import.handlers.runtime import counting, logger, note_pace, tracer, without_texts
from contact_import.pipelines import large_file


@logger.inject_lambda_context
@tracer.capture_lambda_handler(capture_response=False, capture_error=False)
def on_batch(event: Mapping[str, Any], context: LambdaContext) -> None:
    """Send one unit of the plan. Return nothing: the ledger keeps the outcomes."""
    with counting() as metrics, without_texts():
        try:
            name, import_id, unit = str(event["bucket"]), str(event["import_id"]), int(event["unit"])
        except (KeyError, ValueError) as error:
            raise EventError("The input is not a unit of a plan.") from error
        settings = dependencies.settings()
        line = dependencies.line(settings, context, dependencies.UNIT_PATIENCE)
        logger.info("unit started", import_id=import_id, unit=unit)
        metrics.add_metric(name="Units", unit=MetricUnit.Count, value=1)
        large_file.deliver(import_id, unit, bucket=dependencies.bucket(name), settings=settings, line=line)
        note_pace(line, metrics)
        logger.info("unit finished", import_id=import_id, unit=unit)
