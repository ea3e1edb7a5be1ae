// Steps 3 and 4, and the history: an import is found again by its id, also after the page was closed.

const STAGES = { waiting: "Waiting for its turn", reading: "Reading the file", sending: "Sending to Cellcast", writing: "Writing the results", finished: "Finishing" };
const run = { id: "", timer: 0, file: "", isStopping: false };

function watchImport(id, file) {
  clearTimeout(run.timer);
  Object.assign(run, { id, file: file || "", isStopping: false });
  history.replaceState(null, "", `#import=${id}`);
  byId("run-file").textContent = visible(run.file);
  byId("run-numbers").textContent = "";
  byId("run-bar").removeAttribute("value");
  byId("stop").disabled = false;
  showView("run");
  pollImport(id);
}

async function pollImport(id) {
  let pause = 2;
  try {
    const answer = await callApi("GET", `/imports/${id}`);
    if (run.id !== id || byId("view-run").hidden) return;
    showAlert("");
    if (answer.status === 200) return showResult(answer.value);
    showProgress(answer.value);
    pause = Math.min(answer.retryAfter, 3);
  } catch (error) {
    if (run.id !== id || byId("view-run").hidden) return;
    if (error.status === 401 || error.status === 404) return handleError(error);
    showAlert(`${error.message} The import itself continues; this page looks again every few seconds.`);
    pause = 4;
  }
  run.timer = setTimeout(() => pollImport(id), pause * 1000);
}

function showProgress(progress) {
  const parts = [run.isStopping ? "Stopping after the requests in progress" : STAGES[progress.stage] || "Waiting"];
  if (progress.percent !== undefined && progress.stage !== "waiting") {
    byId("run-bar").value = progress.percent;
    parts.push(`${Math.floor(progress.percent)} %`);
  }
  if (progress.rows && progress.rows.read) parts.push(`${NUMBER.format(progress.rows.accepted)} imported`, `${NUMBER.format(progress.rows.failed)} not imported`);
  if (progress.seconds_left) parts.push(`about ${formatDuration(progress.seconds_left)} left`);
  if (progress.reason) parts.push(visible(progress.reason));
  byId("run-numbers").textContent = parts.join(" \u00b7 ");
  // A screen reader hears each stage and every tenth per cent, not every number.
  const news = `${parts[0]} ${Math.floor((progress.percent || 0) / 10) * 10} %`;
  if (byId("live").textContent !== news) announce(news);
}

function formatDuration(seconds) {
  if (seconds < 90) return count(Math.max(1, Math.round(seconds)), "second");
  return seconds < 5400 ? count(Math.round(seconds / 60), "minute") : count(Math.round(seconds / 3600), "hour");
}

function showResult(result) {
  const rows = result.rows;
  // A long sentence is no title: why an import failed is said below it.
  const isError = result.summary && result.summary.headline === result.error;
  const title = rows.accepted ? `Stopped after ${NUMBER.format(rows.accepted)} of ${count(rows.read, "contact")}` : "Nothing was imported";
  byId("title-done").textContent = isError ? title : visible(result.summary ? result.summary.headline : "Finished");
  byId("done-file").textContent = visible(result.source.key.split("/").pop());
  byId("done-practice").hidden = !(result.sandbox || result.dry_run);
  byId("done-practice").textContent = result.dry_run ? "Only checked: nothing was sent." : "Practice run: the contacts went to a simulated Cellcast.";
  byId("done-error").hidden = !result.error;
  byId("done-undo").hidden = !rows.accepted || result.dry_run;
  byId("done-error").textContent = visible(result.error || "");
  const todos = Object.entries((result.summary && result.summary.todos) || {});
  byId("done-todos").replaceChildren(...todos.map(([todo, number]) => make("li", {}, `${NUMBER.format(number)} ${number === 1 ? todo.replace("need ", "needs ") : todo}`)));
  byId("done-next").hidden = !todos.some(([todo]) => todo === "to correct") || !rows.accepted || result.dry_run;
  for (const button of byId("done-files").querySelectorAll("[data-file]")) {
    const name = button.dataset.file;
    button.hidden = (name === "failed.csv" && rows.read === rows.accepted) || (name === "accepted.csv" && !rows.accepted) || (name === "report.html" && !result.report_html);
  }
  const reasons = result.reasons.map((one) => make("li", {}, make("strong", {}, count(one.count, "row")), ` \u2013 ${visible(one.reason)}`));
  byId("done-reasons").replaceChildren();
  if (reasons.length) byId("done-reasons").append(make("h2", {}, "Why some rows were not imported"), make("ul", {}, ...reasons.slice(0, 10)));
  announce("");
  showView("done");
}

async function downloadFile(button) {
  const name = button.dataset.file;
  // A window that opens after an answer is blocked; this one is opened by the click itself.
  const tab = name.endsWith(".html") ? window.open("", "_blank") : null;
  if (tab) tab.opener = null;
  try {
    const answer = await callApi("GET", `/imports/${run.id}/${name}`);
    if (tab) tab.location.href = answer.value.url;
    else window.location.href = answer.value.url;
  } catch (error) {
    if (tab) tab.close();
    handleError(error);
  }
}

async function stopImport() {
  byId("stop").disabled = true;
  run.isStopping = true;
  try {
    await callApi("DELETE", `/imports/${run.id}`);
    announce("Stopping the import");
  } catch (error) {
    run.isStopping = false;
    byId("stop").disabled = false;
    if (error.status !== 409) handleError(error);
  }
}

let olderThan = null;
async function showHistory(isMore) {
  if (!isMore) {
    clearTimeout(run.timer);
    history.replaceState(null, "", "#history");
    showView("history");
  }
  let page;
  try {
    page = (await callApi("GET", `/imports?limit=20${isMore && olderThan ? `&before=${olderThan}` : ""}`)).value;
  } catch (error) {
    return handleError(error);
  }
  const rows = page.imports.map(makeHistoryRow);
  if (isMore) byId("history").tBodies[0].append(...rows);
  else makeTable(byId("history"), ["Date", "File", "Started by", "Result"], rows);
  olderThan = page.next;
  byId("older").hidden = !page.next;
  byId("history").hidden = !isMore && !rows.length;
  byId("history-empty").hidden = isMore || rows.length > 0;
}

const TIME = new Intl.DateTimeFormat("en-AU", { dateStyle: "medium", timeStyle: "short" });

function makeHistoryRow(line) {
  const open = make("button", { type: "button" }, visible(line.file));
  open.addEventListener("click", () => watchImport(line.import_id, line.file));
  const headline = line.status === "running" ? "Running" : visible(line.summary.headline);
  const practice = line.dry_run ? " (only checked)" : line.sandbox ? " (practice run)" : "";
  return make("tr", {}, make("td", {}, TIME.format(new Date(line.started_at))), make("td", {}, open), make("td", {}, visible(line.started_by || "")),
    make("td", { className: line.status === "failed" ? "failed-status" : "" }, headline + practice));
}
