// A page opened by a signed link of S3 has no neighbours: the signature is valid for no other file of the folder.
if (new URLSearchParams(location.search).has("X-Amz-Signature")) {
  for (const link of document.querySelectorAll("a.sibling")) link.replaceWith(link.textContent);
}
(() => {
  const download = document.getElementById("download");
  if (!download) return; // every row was imported
  download.addEventListener("click", () => {
    const bytes = Uint8Array.from(atob(download.dataset.csv), (char) => char.charCodeAt(0));
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([bytes], { type: "text/csv" }));
    link.download = "failed.csv";
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 60000);
  });
  download.hidden = !download.dataset.csv;
})();
(() => {
  const controls = document.querySelector(".controls");
  if (!controls) return;
  controls.hidden = false; // without this script there is nothing to control

  const filter = document.getElementById("filter");
  const only = document.getElementById("only");
  const shown = document.getElementById("shown");
  const reveal = document.getElementById("reveal");
  const table = document.getElementById("rows");
  const rows = [...table.querySelectorAll("tbody tr")];
  const secrets = [...document.querySelectorAll(".private")];
  const printed = Number(table.dataset.printed);

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
      row.classList.toggle("unprinted", count > printed);
    });
    const all = rows.length.toLocaleString("en");
    const noun = rows.length === 1 ? "row" : "rows";
    shown.textContent = count === rows.length ? `${all} ${noun}` : `${count.toLocaleString("en")} of ${all} ${noun}`;
  };
  filter.addEventListener("input", sift);
  only.addEventListener("change", sift);
  sift(); // a browser that reloads the page keeps what was typed

  reveal.addEventListener("click", () => {
    const isRevealed = document.body.classList.toggle("revealed");
    reveal.textContent = isRevealed ? "Hide people’s data" : "Show people’s data";
    for (const one of secrets) {
      const seen = one.textContent;
      one.textContent = one.dataset.full;
      one.dataset.full = seen;
    }
  });
})();
