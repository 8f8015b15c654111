// The list of issues, and the page of an error, live: when files change, the list is put in anew, and what was wrong is
// looked at again.

import { Live } from "./live.js";

const changed = () => {
  if (window.htmx && document.getElementById("issues")) document.body.dispatchEvent(new Event("changed"));
  else location.reload();
};

new Live(document.getElementById("live"), { changed, rendering() {}, pages() {} });
