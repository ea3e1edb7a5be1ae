"use strict";
// Everything that comes from a file or an answer becomes text, never markup; the policy of the page (Trusted Types) forbids it.

const byId = (id) => document.getElementById(id);

function make(name, properties, ...children) {
  const node = document.createElement(name);
  for (const [key, value] of Object.entries(properties || {})) {
    if (key in node) node[key] = value;
    else node.setAttribute(key, value);
  }
  node.append(...children.filter((one) => one !== null && one !== undefined));
  return node;
}

// Control characters and those that turn the direction of a text would hide what a name really is.
const HIDDEN = /[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]/g;
function visible(text) {
  return String(text).replace(HIDDEN, "\ufffd");
}

const NUMBER = new Intl.NumberFormat("en-AU");
function count(number, singular, plural) {
  return `${NUMBER.format(number)} ${number === 1 ? singular : plural || `${singular}s`}`;
}

function showAlert(text) {
  byId("alert").hidden = !text;
  byId("alert").textContent = text || "";
}

function announce(text) {
  byId("live").textContent = text;
}

const VIEWS = ["token", "choose", "check", "run", "done", "history"];
function showView(name) {
  for (const view of VIEWS) byId(`view-${view}`).hidden = view !== name;
  showAlert("");
  const pages = { history: "go-history", choose: "go-import", check: "go-import" };
  for (const id of ["go-import", "go-history"]) {
    if (pages[name] === id) byId(id).setAttribute("aria-current", "page");
    else byId(id).removeAttribute("aria-current");
  }
  byId("go-out").hidden = byId("go-history").hidden = byId("go-import").hidden = name === "token";
  const title = byId(`title-${name}`);
  document.title = `${title.textContent} \u2013 Import contacts`;
  title.focus();
  window.scrollTo(0, 0);
}

function makeTable(table, titles, rows) {
  const head = make("thead", {}, make("tr", {}, ...titles.map((one) => make("th", { scope: "col" }, one))));
  table.className = "stack";
  table.replaceChildren(head, make("tbody", {}, ...rows));
}
