"""Build the name under which a browser saves a result file: `june-failed.csv`, and not `failed.csv` for each upload."""

import json
from urllib.parse import quote

_MAX_STEM_CHARS = 80


def build_disposition(result_json: str, file_name: str) -> str:
    """Return the Content-Disposition of a result file: a page is shown, a CSV file is saved.

    The name is percent-encoded (https://www.rfc-editor.org/rfc/rfc6266#section-4.3): it may have any letter, and cannot
    add a header to the response.
    """
    if file_name.endswith(".html"):
        return "inline"
    upload_name = json.loads(result_json)["source"]["key"].rpartition("/")[2]
    stem = upload_name.partition(".")[0][:_MAX_STEM_CHARS]
    full_name = quote(f"{stem}-{file_name}".encode("utf-8", "replace"), safe="")
    return f"attachment; filename=\"{file_name}\"; filename*=UTF-8''{full_name}"
