// The package as it is published: somebody installs it, copies the client of the README, builds a
// page around it, and two tabs talk.
import { expect, test } from "@playwright/test";
import { type InstalledSite, serveInstalledSite } from "./story/installed-site.ts";

const TALK_MS_MAX = 60_000;
/** The README says 41 kB; what the game does not use has to stay out. */
const PAGE_GZIP_SIZE_MAX = 60_000;

const FILES = {
  "index.html": `<!doctype html><title>starting</title><ol></ol><input>
<script type="module" src="./page.ts"></script>`,
  "page.ts": `import { joinChat } from "./chat.ts";

const chat = await joinChat("lobby", (lines) => {
  const items = lines.map((textContent) => {
    return Object.assign(document.createElement("li"), { textContent });
  });
  document.querySelector("ol")?.replaceChildren(...items);
});
document.querySelector("input")?.addEventListener("change", async ({ target }) => {
  if (target instanceof HTMLInputElement) await chat.say(target.value);
  document.title = "said";
});
document.title = "ready";
`,
};

let site: InstalledSite;
test.beforeAll(async () => {
  site = await serveInstalledSite(FILES);
});
test.afterAll(async () => {
  await site.close();
});

test("a page made with it stays small, and two tabs of it talk", async ({ context }) => {
  expect(site.pageGzipSize).toBeLessThan(PAGE_GZIP_SIZE_MAX);
  const [first, second] = [await context.newPage(), await context.newPage()];
  for (const page of [first, second]) {
    await page.goto(site.url);
    await expect(page).toHaveTitle("ready", { timeout: TALK_MS_MAX });
  }
  await second.locator("input").fill("From a package");
  await second.locator("input").press("Enter");
  await expect(second).toHaveTitle("said", { timeout: TALK_MS_MAX });
  await expect(first.locator("li")).toHaveText(/: From a package$/, { timeout: TALK_MS_MAX });
});
