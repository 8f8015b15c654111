// Before the page is seen: what its scripts do by themselves needs no button, and no room for one.
"use strict";
document.documentElement.classList.add("scripted");
