// Step 2: how the file is read. Each correction asks for a new preview, so that what is shown is what would be sent.

const FIELD_LABELS = {
  name: "Full name", first_name: "First name", last_name: "Last name", phone_number: "Mobile number",
  phone_country: "Country code of the number", area_code: "Area code of the number", email: "Email", birthday: "Birthday",
  birth_year: "Birthday: year", birth_month: "Birthday: month", birth_day: "Birthday: day", postal_code: "Postcode",
  address: "Address", country: "Country", gender: "Gender", title: "Title (Mr, Ms)", purchase: "Purchase", tags: "Tags",
  list: "List", consent: "SMS consent (yes means yes)", opt_out: "SMS opt-out (yes means no)",
  subscription_status: "Subscription status",
};
const MEANINGS = [
  ["yes", "Yes, may be texted"], ["no", "No, don\u2019t text"], ["silent", "Says nothing"], ["unclear", "Unclear: don\u2019t text"],
];
// A sentence for people who write mapping.json, in the words of this page.
const SETTLE = [
  [/map it in mapping\.json: .*$/, "choose \u201cMobile number\u201d for the right column below, and the name that belongs to it."],
  [/If one of them has phone numbers, .*$/, "If one of them has phone numbers, choose \u201cMobile number\u201d for it below."],
  ["write Yes if it does", "settle it above"],
];

function describe(text) {
  return SETTLE.reduce((result, [from, to]) => result.replace(from, to), visible(text));
}

const check = { upload: "", preview: null, mapping: null, consent: {}, latest: 0 };

function startCheck(uploadId, preview) {
  Object.assign(check, { upload: uploadId, preview, mapping: null, consent: {} });
  byId("permission").checked = false;
  byId("permission-error").hidden = true;
  renderCheck();
  showView("check");
}

function buildReading() {
  const body = { list: byId("list").value, tags: byId("tags").value };
  if (check.mapping) body.mapping = check.mapping;
  if (Object.keys(check.consent).length) body.consent = check.consent;
  return body;
}

async function refreshPreview() {
  const mine = ++check.latest;
  announce("Checking the file again");
  try {
    const answer = await callApi("POST", `/uploads/${check.upload}/preview`, buildReading());
    if (mine !== check.latest) return;
    check.preview = answer.value;
    showAlert("");
  } catch (error) {
    if (mine === check.latest) handleError(error);
    return;
  }
  const focused = document.activeElement && document.activeElement.id;
  renderCheck();
  if (focused && byId(focused)) byId(focused).focus({ preventScroll: true });
  announce(byId("check-lead").textContent);
}

function renderCheck() {
  const preview = check.preview;
  byId("title-check").textContent = `Check ${visible(preview.file)}`;
  byId("check-lead").textContent = describeRows(preview);
  byId("check-problem").hidden = !preview.error;
  byId("check-problem").textContent = preview.error ? describe(preview.error) : "";
  // Without a column of phone numbers every row would fail.
  byId("permission-box").hidden = byId("import").hidden = Boolean(preview.error) || !preview.rows.read;
  renderFacts(preview);
  renderColumns(preview);
  renderConsent(preview);
  renderFailures(preview);
  renderContacts(preview);
}

function describeRows(preview) {
  const { read, accepted } = preview.rows;
  if (!read) return "The file has no rows with contacts. Add them, and choose the file again.";
  const rows = preview.is_whole_file ? count(read, "row") : `the first ${count(read, "row")}`;
  return `${NUMBER.format(accepted)} of ${rows} would be imported.`;
}

function renderFacts(preview) {
  const facts = [];
  if (preview.sandbox) facts.push(["Practice run", "The contacts go to a simulated Cellcast."]);
  if (preview.account) facts.push(["Cellcast account", visible(preview.account.name)]);
  if (preview.account_error) facts.push(["Cellcast account", `Unknown: ${visible(preview.account_error)}`]);
  if (preview.list.length) facts.push(["List", visible(preview.list.join(", "))]);
  if (preview.tags.length) facts.push(["Tags", visible(preview.tags.join(", "))]);
  byId("check-facts").replaceChildren(...facts.map(([term, text]) => make("div", {}, make("dt", {}, term), make("dd", {}, text))));
}

function getMappedField(key) {
  const entry = check.preview.mapping[key];
  return (entry && typeof entry === "object" ? entry.field : entry) || "";
}

function renderColumns(preview) {
  const rows = preview.columns.filter((one) => !one.is_report_column).map((column, index) => {
    const options = preview.fields.map((field) => [field, FIELD_LABELS[field] || field]);
    const select = makeSelect(`column-${index}`, [["", "Do not import"], ...options], getMappedField(column.key));
    const name = visible(column.header.trim() || column.key);
    select.setAttribute("aria-label", `Column ${name} is imported as`);
    select.addEventListener("change", () => {
      check.mapping = { ...check.preview.mapping, ...check.mapping, [column.key]: select.value || null };
      if (!CONSENT_FIELDS.has(select.value)) delete check.consent[column.key];
      refreshPreview();
    });
    return make("tr", {}, make("th", { scope: "row" }, name), make("td", {}, column.values.map(visible).join(" \u00b7 ")), make("td", {}, select));
  });
  makeTable(byId("columns"), ["Column", "Examples", "Imported as"], rows);
}

const CONSENT_FIELDS = new Set(["consent", "opt_out", "subscription_status"]);

function makeSelect(id, options, value) {
  const select = make("select", { id });
  for (const [key, label] of options) select.append(make("option", { value: key, selected: key === value }, label));
  return select;
}

function renderConsent(preview) {
  const parts = preview.consent.columns.map((column, place) => {
    const isOptOut = getMappedField(column.key) === "opt_out";
    const meanings = MEANINGS.map(([meaning, label]) => [meaning, isOptOut && meaning === "silent" ? "Did not opt out" : label]);
    const rows = column.values.map((one, index) => {
      const select = makeSelect(`consent-${place}-${index}`, meanings.filter(([meaning]) => meaning !== "unclear" || one.taken_for === meaning), one.taken_for);
      select.setAttribute("aria-label", `In column ${visible(column.header)}, ${visible(one.value)} means`);
      select.addEventListener("change", () => {
        const values = { ...(check.consent[column.key] || {}), [one.value]: select.value };
        check.consent = { ...check.consent, [column.key]: values };
        refreshPreview();
      });
      return make("tr", { className: one.taken_for === "unclear" ? "unsettled" : "" }, make("th", { scope: "row" }, visible(one.value)), make("td", {}, count(one.count, "row")), make("td", {}, select));
    });
    const table = make("table", {});
    makeTable(table, ["Value", "Rows", "Means"], rows);
    return make("div", {}, make("h2", {}, `What \u201c${visible(column.header)}\u201d means`), make("p", {},
      isOptOut ? "People who opted out are not texted. An unclear value is not sent: settle it here."
        : "Only people who said yes, or whose row says nothing, are texted. An unclear value is not sent: settle it here."), table);
  });
  if (parts.length && !preview.consent.is_complete) parts.push(make("p", { className: "soft" }, "The file is long: later rows may hold other values. They are not sent if they are unclear."));
  byId("consent").replaceChildren(...parts);
}

function renderFailures(preview) {
  const parts = preview.reasons.map((one) => make("li", {}, make("strong", {}, count(one.count, "row")), ` \u2013 ${describe(one.reason)} `,
    make("span", { className: "soft" }, `(${one.count === 1 ? "row" : "rows"} ${one.first_rows.map((row) => NUMBER.format(row)).join(", ")}${one.count > one.first_rows.length ? ", \u2026" : ""})`)));
  const warnings = preview.file_warnings.map((text) => make("li", { className: "soft" }, describeWarning(text)));
  byId("failures").replaceChildren();
  if (parts.length) byId("failures").append(make("h2", {}, preview.is_whole_file ? "Rows that would not be imported" : "Of the first rows, these would not be imported"), make("ul", {}, ...parts));
  if (warnings.length) byId("failures").append(make("h2", {}, "About the file"), make("ul", {}, ...warnings));
}

// The importer names the field; a person knows its label.
function describeWarning(text) {
  return visible(text).replace(/^[a-z_]+(?=: )/, (field) => FIELD_LABELS[field] || field);
}

function renderContacts(preview) {
  const headers = preview.columns.map((one) => visible(one.header.trim() || one.key));
  const cards = preview.contacts.map((one) => {
    const cells = one.cells.map((cell, index) => [headers[index] || `Column ${index + 1}`, cell]).filter(([, cell]) => cell.trim());
    const fields = Object.entries(one.contact).map(([field, value]) => [FIELD_LABELS[field] || field, value]);
    for (const [name, labels] of [["List", one.list], ["Tags", one.tags]]) if (labels.length) fields.push([name, labels.join(", ")]);
    const warning = one.warnings.length ? make("p", { className: "warnings" }, one.warnings.map(describeWarning).join("; ")) : null;
    return make("li", {}, make("div", {}, make("h3", {}, `Row ${NUMBER.format(one.row)} of your file`), makeList(cells)), make("div", {}, make("h3", {}, "Contact in Cellcast"), makeList(fields)), warning);
  });
  byId("contacts").replaceChildren(cards.length ? make("ul", { className: "cards" }, ...cards) : make("p", {}, "None of the first rows would be imported."));
}

function makeList(pairs) {
  return make("dl", {}, ...pairs.flatMap(([term, text]) => [make("dt", {}, term), make("dd", {}, visible(text))]));
}
