// The page's beginning: reads its address, loads the game, and brings page and session together.
import { GAMES } from "./games/games.ts";
import { readAddressLine } from "./session/address-line.ts";
import { openSession } from "./session/session.ts";
import { createPage } from "./shell/page.ts";

const host = document.getElementById("app");
if (host === null) throw new Error("the page has no place for the app");

const address = readAddressLine(new URL(location.href));
const game = await GAMES[address.game].load();
openSession({
  address,
  game,
  openPage: (actions, board) => createPage(host, actions, board),
});
