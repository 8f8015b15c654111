// The token opened the studio and is in a cookie now: it need not stand in the address, the history and bookmarks.
"use strict";
{
  const here = new URL(location.href);
  if (here.searchParams.has("token")) {
    here.searchParams.delete("token");
    history.replaceState(null, "", here);
  }
}
