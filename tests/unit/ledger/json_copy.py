"""Return a value as the bucket returns it: after a round trip through JSON."""

import json
from typing import Any

from contact_import.aws.s3 import encode_json


def copy_as_json(value: object) -> Any:
    return json.loads(encode_json(value))
