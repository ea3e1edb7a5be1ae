"use strict";
(() => {
  const renew = document.getElementById("renew");
  renew.closest(".controls").hidden = false;
  setInterval(() => {
    if (renew.checked) location.reload();
  }, 5000);
})();
