// The page's address, this tab's calls, and errors as players read them.
import { HoldfastError } from "holdfast";
import { describe, expect, it } from "vitest";
import { EDITOR_REFUSALS } from "../../demo/games/editor/refusals.ts";
import { keyWish } from "../../demo/games/movecraft/keys.ts";
import { BUILD_REFUSALS, WALK_REFUSALS } from "../../demo/games/movecraft/refusals.ts";
import { gameLinks, inviteLink, readAddressLine } from "../../demo/session/address-line.ts";
import { createOwnCalls } from "../../demo/session/own-calls.ts";
import { addressProblem, problemOf } from "../../demo/session/problems.ts";
import { modulesPath } from "../../demo/shell/invitation.ts";
import { testCall } from "./calls.ts";

const PAGE = "http://localhost:5173/";

describe("the address", () => {
  const read = (query: string) => readAddressLine(new URL(`${PAGE}?${query}`));

  it("names the game, and the chat where it names none that there is", () => {
    expect(read("game=movecraft").game).toBe("movecraft");
    expect(read("game=editor").game).toBe("editor");
    for (const query of ["", "game=chess", "game=toString"]) expect(read(query).game).toBe("chat");
  });

  it("tells what it names that is none, rather than play without it", () => {
    expect(read("room=r&signal=ws://127.0.0.1:9000&chain=http://127.0.0.1:8080").faults).toEqual(
      [],
    );
    expect(read("game=chess&signal=nonsense&shard=ws://x").faults).toEqual([
      { name: "game", value: "chess" },
      { name: "signal", value: "nonsense" },
      { name: "shard", value: "ws://x" },
    ]);
    const problem = addressProblem({ name: "para", value: "8201" });
    expect(problem.what).toContain('a parallel chain that is none: "8201"');
  });

  it("goes on to others with the game, and without the player's name", () => {
    const link = (query: string) => {
      const url = new URL(`${PAGE}?${query}`);
      return inviteLink(url, readAddressLine(url));
    };
    expect(link("game=editor&room=minutes&name=Ann")).toBe(`${PAGE}?game=editor&room=minutes`);
    expect(link("game=chat&room=minutes")).toBe(`${PAGE}?room=minutes`);
    const signal = "ws://127.0.0.1:9000";
    const invited = new URL(link(`game=movecraft&room=r&signal=${signal}&party=p`));
    expect(Object.fromEntries(invited.searchParams)).toEqual({
      game: "movecraft",
      room: "r",
      signal,
      party: "p",
    });
  });

  it("leads to the same room in every game", () => {
    const links = gameLinks(new URL(`${PAGE}?room=r&name=Ann&game=editor`));
    expect(links.chat).toBe(`${PAGE}?room=r&name=Ann`);
    expect(new URL(links.movecraft).searchParams.get("game")).toBe("movecraft");
  });
});

describe("this tab's calls", () => {
  it("are ahead while they are ordered and not executed, and their latest is timed", async () => {
    let now = 1_000;
    const calls = createOwnCalls(() => now);
    const [first, second] = [testCall(), testCall()];
    calls.follow(first.handle, () => {});
    calls.follow(second.handle, () => {});
    await first.reach("sequenced");
    now = 1_040;
    await second.reach("sequenced");
    expect(calls.aheadCount()).toBe(2);
    await first.reach("verified");
    expect(calls.aheadCount()).toBe(1);
    now = 1_090;
    await second.reach("confirmed");
    expect(calls.latestDelays()).toEqual({ sequenced: 40, confirmed: 90 });
    expect(calls.aheadCount()).toBe(0);
  });
});

describe("a contract's refusal", () => {
  const refused = (abortCode: bigint) =>
    new HoldfastError({ code: "EXECUTION_ABORTED", number: 100_004, message: "no", abortCode });
  const INVALID_STATE = 3n << 16n;

  it("is told in the game's words, by the call that met it", () => {
    const code = INVALID_STATE | 3n;
    expect(problemOf(refused(code), BUILD_REFUSALS).what).toBe("That place is taken.");
    expect(problemOf(refused(code), WALK_REFUSALS).what).toContain("too steep");
    const taken = problemOf(refused(INVALID_STATE | 12n), EDITOR_REFUSALS);
    expect(taken).toMatchObject({
      code: "100004 EXECUTION_ABORTED",
      what: "Somebody else is writing that paragraph.",
    });
    expect(taken.remedy).toContain("half a minute");
  });

  it("names those behind it, and says once what to do", () => {
    const message = "the channel has as many members as it may; wait until one leaves";
    const full = new HoldfastError({ code: "CHANNEL_FULL", number: 100_024, message });
    expect(problemOf(full)).toEqual({
      name: "CHANNEL_FULL",
      code: "100024 CHANNEL_FULL",
      what: "The channel has as many members as it may.",
      who: "Caused by the players who came before.",
      remedy: "Wait until a member leaves.",
    });
  });

  it("is told by its code where the game has no words for it", () => {
    expect(problemOf(refused(99n), BUILD_REFUSALS)).toMatchObject({
      code: "100004 EXECUTION_ABORTED",
      what: "No.",
    });
  });
});

describe("keys", () => {
  it("walk by their place on the keyboard, and mean nothing otherwise", () => {
    expect(keyWish("KeyW")).toEqual({ type: "walk", right: 0, away: 1 });
    expect(keyWish("ArrowLeft")).toEqual({ type: "point", right: -1, away: 0 });
    expect(keyWish("Tab")).toBeUndefined();
  });
});

describe("a QR code", () => {
  it("is drawn as a square for every dark module, inside of a margin", () => {
    const path = modulesPath([
      [true, false],
      [false, true],
    ]);
    expect(path).toBe("M2 2h1v1h-1zM3 3h1v1h-1z");
  });
});
