// The page's beginning: reads its address, and brings page and session together.
import { readAddressLine } from "./session/address-line.ts";
import { openSession } from "./session/session.ts";
import { createPage } from "./shell/page.ts";

const host = document.getElementById("app");
if (host === null) throw new Error("the page has no place for the app");

openSession({
  address: readAddressLine(new URL(location.href)),
  openPage: (actions) => createPage(host, actions),
});
