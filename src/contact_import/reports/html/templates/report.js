"use strict";
(() => {
  const controls = document.querySelector(".controls");
  if (!controls) return;
  controls.hidden = false; // without this script there is nothing to control

  const filter = document.getElementById("filter");
  const only = document.getElementById("only");
  const shown = document.getElementById("shown");
  const reveal = document.getElementById("reveal");
  const rows = [...document.querySelectorAll("#rows tbody tr")];
  const secrets = [...document.querySelectorAll(".private")];

  const textOf = (row) => {
    const hidden = [...row.querySelectorAll(".private")].map((one) => one.dataset.full);
    return [row.textContent, ...hidden].join("\n").toLowerCase();
  };
  const texts = rows.map(textOf);

  const sift = () => {
    const words = filter.value.toLowerCase().split(/\s+/).filter(Boolean);
    let count = 0;
    rows.forEach((row, index) => {
      const fits = (!only.value || row.dataset.status === only.value) && words.every((word) => texts[index].includes(word));
      row.hidden = !fits;
      count += fits ? 1 : 0;
    });
    const all = rows.length.toLocaleString("en");
    shown.textContent = count === rows.length ? `${all} rows` : `${count.toLocaleString("en")} of ${all} rows`;
  };
  filter.addEventListener("input", sift);
  only.addEventListener("change", sift);
  sift(); // a browser that reloads the page keeps what was typed

  reveal.addEventListener("click", () => {
    const isOpen = reveal.getAttribute("aria-pressed") !== "true";
    reveal.setAttribute("aria-pressed", String(isOpen));
    for (const one of secrets) {
      const seen = one.textContent;
      one.textContent = one.dataset.full;
      one.dataset.full = seen;
    }
  });
})();
