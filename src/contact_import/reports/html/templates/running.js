(() => {
  const INTERVAL = 5000; // as often as the importer writes the page
  const RELOAD_INTERVAL = 15000; // a reload flashes
  const renew = document.getElementById("renew");
  const lost = document.getElementById("lost");
  const updated = document.getElementById("updated");

  const show = ({ percent, updated_at, updated: text, figures }) => {
    for (const [name, value] of Object.entries(figures)) {
      const place = document.querySelector(`[data-figure="${name}"]`);
      if (place.textContent !== value) place.textContent = value; // a screen reader speaks only of changes
    }
    document.querySelector("progress").value = percent;
    if (updated.dateTime === updated_at) return;
    updated.dateTime = updated_at;
    updated.textContent = text;
    showLocalTime(updated);
  };

  const look = async () => {
    if (!renew.checked || document.hidden) return;
    try {
      const response = await fetch(location.href, { cache: "no-store" });
      if (!response.ok) {
        lost.textContent = "This page cannot be updated any more, because its link has expired. Open it again from where you found it.";
        return;
      }
      const page = await response.text();
      const found = page.match(/<script type="application\/json" id="progress">(.*?)<\/script>/s);
      if (!found) {
        location.reload(); // the report has taken the place of this page
        return;
      }
      show(JSON.parse(found[1]));
      lost.textContent = "";
    } catch {
      lost.textContent = "The connection is lost. Trying again…";
    }
  };

  const reload = () => {
    if (renew.checked && !document.hidden) location.reload();
  };

  renew.closest(".controls").hidden = false;
  // A page that was saved to a disk cannot fetch itself.
  if (location.protocol === "file:") setInterval(reload, RELOAD_INTERVAL);
  else setInterval(look, INTERVAL);
})();
