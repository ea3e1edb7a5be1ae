// The calls of docs/openapi.yaml. The token is kept in this tab, is sent in a header only, and is in no address.

const TOKEN_KEY = "contact-import-token";

class ApiError extends Error {
  constructor(message, status) {
    super(message);
    this.status = status;
  }
}

function getToken() {
  return sessionStorage.getItem(TOKEN_KEY) || "";
}

async function callApi(method, path, body) {
  const headers = { Authorization: `Bearer ${getToken()}`, Accept: "application/json" };
  if (body !== undefined) headers["Content-Type"] = "application/json";
  let response;
  try {
    response = await fetch(path, { method, headers, body: body === undefined ? undefined : JSON.stringify(body), cache: "no-store" });
  } catch {
    throw new ApiError("No connection to the importer. Check your network, then try again.", 0);
  }
  let value = {};
  try {
    value = await response.json();
  } catch {
    // An answer of a proxy is no JSON; its status says enough.
  }
  if (response.status === 401) {
    sessionStorage.removeItem(TOKEN_KEY);
    throw new ApiError("This token is not valid. Check it, or ask for a new one.", 401);
  }
  if (!response.ok) {
    const busy = response.status === 429 || response.status >= 500;
    throw new ApiError(value.error || (busy ? "The importer is busy. Try again in a minute." : `Error ${response.status}`), response.status);
  }
  return { status: response.status, value, retryAfter: Number(response.headers.get("retry-after")) || 2 };
}

// XMLHttpRequest, since fetch reports no progress of an upload.
function uploadFile(form, file, onProgress) {
  return new Promise((resolve, reject) => {
    const data = new FormData();
    for (const [name, value] of Object.entries(form.fields)) data.append(name, value);
    data.append("file", file);
    const request = new XMLHttpRequest();
    request.open("POST", form.url);
    request.upload.addEventListener("progress", (event) => event.lengthComputable && onProgress((100 * event.loaded) / event.total));
    request.addEventListener("load", () => (request.status < 300 ? resolve() : reject(new ApiError("The file could not be stored. Try again.", request.status))));
    for (const name of ["error", "abort", "timeout"]) {
      request.addEventListener(name, () => reject(new ApiError("The upload was interrupted. Check your network, then try again.", 0)));
    }
    request.send(data);
  });
}
