function handleError(error) {
  if (error.status === 401) {
    byId("token").value = "";
    showView("token");
  }
  showAlert(error.message);
}

function takeFragment() {
  const values = new URLSearchParams(location.hash.slice(1));
  if (values.get("token")) {
    sessionStorage.setItem(TOKEN_KEY, values.get("token"));
    values.delete("token");
    history.replaceState(null, "", values.size ? `#${values}` : location.pathname);
  }
  return values;
}

function openPage() {
  const values = takeFragment();
  if (!getToken()) return showView("token");
  const id = values.get("import");
  if (id && /^[0-9a-f]{24}$/.test(id)) return watchImport(id);
  return values.has("history") ? showHistory(false) : startAgain();
}

function startAgain() {
  clearTimeout(run.timer);
  history.replaceState(null, "", location.pathname);
  byId("file").value = "";
  chosen = null;
  showView("choose");
}

let chosen = null; // a file that was dragged here; the input has a picked one
let isBusy = false;

async function chooseFile() {
  const file = chosen || byId("file").files[0];
  if (isBusy) return;
  if (!file) {
    showAlert("Choose a file first.");
    return byId("file").focus();
  }
  isBusy = true;
  byId("upload").setAttribute("aria-disabled", "true");
  byId("uploading").hidden = false;
  byId("upload-bar").value = 0;
  showAlert("");
  announce("Uploading");
  try {
    const { upload_id: id, post } = (await callApi("POST", "/uploads", { name: file.name, size: file.size })).value;
    await uploadFile(post, file, (percent) => (byId("upload-bar").value = percent));
    announce("Checking the file");
    const labels = { list: byId("list").value, tags: byId("tags").value };
    startCheck(id, (await callApi("POST", `/uploads/${id}/preview`, labels)).value);
  } catch (error) {
    handleError(error);
  } finally {
    isBusy = false;
    byId("upload").removeAttribute("aria-disabled");
    byId("uploading").hidden = true;
  }
}

async function startImport() {
  byId("permission-error").hidden = byId("permission").checked;
  byId("permission").setAttribute("aria-invalid", String(!byId("permission").checked));
  if (!byId("permission").checked) return byId("permission").focus();
  if (isBusy) return;
  isBusy = true;
  byId("import").setAttribute("aria-disabled", "true");
  try {
    const answer = await callApi("POST", `/uploads/${check.upload}/import`, buildReading());
    watchImport(answer.value.import_id, check.preview.file);
  } catch (error) {
    handleError(error);
  } finally {
    isBusy = false;
    byId("import").removeAttribute("aria-disabled");
  }
}

function onSubmit(id, handle) {
  byId(id).addEventListener("submit", (event) => {
    event.preventDefault();
    handle();
  });
}

function acceptDrags() {
  const area = byId("drop");
  for (const name of ["dragover", "drop"]) document.addEventListener(name, (event) => event.preventDefault());
  area.addEventListener("dragover", () => area.classList.add("over"));
  area.addEventListener("dragleave", () => area.classList.remove("over"));
  area.addEventListener("drop", (event) => {
    area.classList.remove("over");
    chosen = event.dataTransfer.files[0] || null;
    if (chosen) announce(`${visible(chosen.name)} chosen`);
    if (chosen) chooseFile();
  });
  byId("file").addEventListener("change", () => (chosen = null));
}

onSubmit("form-token", () => {
  sessionStorage.setItem(TOKEN_KEY, byId("token").value.trim());
  byId("token").value = "";
  openPage();
});
onSubmit("form-choose", chooseFile);
onSubmit("form-import", startImport);
acceptDrags();
byId("back").addEventListener("click", startAgain);
byId("again").addEventListener("click", startAgain);
byId("go-import").addEventListener("click", startAgain);
byId("go-history").addEventListener("click", () => showHistory(false));
byId("older").addEventListener("click", () => showHistory(true));
byId("go-out").addEventListener("click", () => {
  sessionStorage.removeItem(TOKEN_KEY);
  clearTimeout(run.timer);
  history.replaceState(null, "", location.pathname);
  showView("token");
});
byId("stop").addEventListener("click", () => byId("stop-dialog").showModal());
byId("stop-dialog").addEventListener("close", () => byId("stop-dialog").returnValue === "stop" && stopImport());
for (const button of byId("done-files").querySelectorAll("[data-file]")) button.addEventListener("click", () => downloadFile(button));
window.addEventListener("hashchange", openPage);
openPage();
