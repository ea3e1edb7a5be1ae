"""The name under which a browser saves a file of the results: that of the upload, not `failed.csv` each time."""

import json
from urllib.parse import quote

_MAX_STEM_CHARS = 80


def build_disposition(result_json: str, file_name: str) -> str:
    """Return the Content-Disposition of a result file: a page is shown, a CSV file is saved (`june-failed.csv`).

    The name is that of the upload, in the encoding of RFC 6266, so that any letter and no header can be in it.
    """
    if file_name.endswith(".html"):
        return "inline"
    upload_name = json.loads(result_json)["source"]["key"].rpartition("/")[2]
    stem = upload_name.partition(".")[0][:_MAX_STEM_CHARS]
    full_name = quote(f"{stem}-{file_name}".encode("utf-8", "replace"), safe="")
    return f"attachment; filename=\"{file_name}\"; filename*=UTF-8''{full_name}"
