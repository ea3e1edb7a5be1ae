"use strict";
// Times are written in UTC, for readers without scripts; here they become those of the reader's clock.
const showLocalTime = (time) => {
  const moment = new Date(time.dateTime);
  if (Number.isNaN(moment.getTime())) return;
  time.title = time.textContent;
  time.textContent = moment.toLocaleString("en-AU", {
    day: "numeric", month: "long", year: "numeric", hour: "numeric", minute: "2-digit", timeZoneName: "short",
  });
};
document.querySelectorAll("time[datetime]").forEach(showLocalTime);
