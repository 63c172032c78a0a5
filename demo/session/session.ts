// One tab's stay: starts the node, opens the room's channel, and carries out what the player
// wants. The only file that puts node, chain and page together.
import { type CallHandle, createNode } from "holdfast";
import type { AnyBoard, AnyGame, Following, GameHost } from "../games/game.ts";
import { askForChain } from "../shell/chain-settings.ts";
import { showInvitation } from "../shell/invitation.ts";
import type { Page } from "../shell/page.ts";
import { troubledWorld } from "../trouble/troubled-world.ts";
import type { Actions } from "../view/actions.ts";
import type { Problem } from "../view/problem.ts";
import type { Request } from "../view/view.ts";
import { type AddressLine, chainLink, inviteLink, placeOf } from "./address-line.ts";
import { createOwnCalls } from "./own-calls.ts";
import { refresh } from "./presentation.ts";
import { addressProblem, problemOf } from "./problems.ts";
import { listen, readNews, readTrouble, stop } from "./reports.ts";
import { createSeatBook } from "./seat-book.ts";
import { createSession, type Session, STAKE } from "./session-state.ts";

const REFRESH_MS = 1_000;
const STARTING_EMBEDDED = "Starting this tab's node and its chain…";

export interface SessionOptions {
  readonly address: AddressLine;
  readonly game: AnyGame;
  readonly openPage: (actions: Actions, board: AnyBoard) => Page;
}

export function openSession({ address, game, openPage }: SessionOptions): void {
  const seats = createSeatBook(() => {
    return { address: session.node?.address ?? "", alias: address.alias };
  });
  const host: GameHost = {
    playerOf: (address) => seats.byAddress(address),
    follow: (handle, following) => follow(session, handle, following),
    changed: () => refresh(session),
  };
  const board = game.mount(host);
  const page = openPage(
    actionsOf(address, () => session),
    board,
  );
  const session: Session = createSession({ address, game, board, page, seats });
  void start(session);
  setInterval(() => refresh(session), REFRESH_MS);
}

/** @param ofPage the session, once there is one: nobody acts before. */
function actionsOf(address: AddressLine, ofPage: () => Session): Actions {
  return {
    request: (request) => void carryOut(ofPage(), request),
    invite: () => void invite(ofPage()),
    setCheating: (isCheating) => void restart(ofPage(), isCheating),
    setOffline(isOffline) {
      const session = ofPage();
      session.world?.setOffline(isOffline);
      session.isOffline = isOffline;
      if (isOffline) session.chronicle.note("bad", "The network is cut.");
      else session.chronicle.note("good", "The network is mended.");
      refresh(session);
    },
    crash() {
      const session = ofPage();
      session.stay += 1;
      session.world?.crash();
      stop(session, undefined);
    },
    restart: () => void restart(ofPage(), false),
    explore(isOpen) {
      const session = ofPage();
      session.isExploring = isOpen;
      session.world?.look({ isExploring: isOpen });
    },
    chooseChain: () =>
      askForChain(address, (choice) => {
        location.assign(chainLink(new URL(location.href), choice));
      }),
  };
}

async function start(session: Session): Promise<void> {
  const stay = ++session.stay;
  const isCurrent = () => session.stay === stay;
  const { room, signal, party, chain, faucet, shard, para } = session.address;
  const place = placeOf(session.address);
  const [fault] = session.address.faults;
  if (fault !== undefined) return refuse(session, addressProblem(fault));
  try {
    step(session, place === undefined ? STARTING_EMBEDDED : `Reaching the chain at ${place}…`);
    const world = troubledWorld({
      isCheating: session.isCheating,
      signal,
      party,
      chain,
      faucet,
      shard,
      para,
      onNews(news) {
        if (isCurrent()) readNews(session, news);
      },
      onTrouble(trouble) {
        if (isCurrent()) readTrouble(session, trouble);
      },
    });
    session.world = world;
    const node = await createNode({ app: session.game.app, stake: STAKE, world });
    session.node = node;
    const { stored } = session.game;
    world.look({ purse: node.address, stored, isExploring: session.isExploring });
    step(session, "Staking, and taking a seat…");
    const channel = await node.open(room);
    if (!isCurrent()) return;
    session.channel = channel;
    world.look({ channel: channel.id });
    session.board.sit(channel);
    listen(session, channel, isCurrent);
    refresh(session);
  } catch (error) {
    if (isCurrent()) refuse(session, problemOf(error));
  }
}

function step(session: Session, text: string): void {
  session.standing = { type: "starting", step: text };
  refresh(session);
}

function refuse(session: Session, problem: Problem): void {
  session.standing = { type: "refused", problem };
  refresh(session);
}

/** A call of this tab's: what refuses it is told, as long as this stay lasts. */
function follow(session: Session, handle: CallHandle, following: Following = {}): void {
  const { refusals, onRefused } = following;
  session.own.follow(handle, () => refresh(session));
  handle.verified.catch((error: unknown) => {
    const problem = problemOf(error, refusals);
    onRefused?.(problem);
    session.page.toasts.showProblem(problem);
    refresh(session);
  });
  refresh(session);
}

async function carryOut(session: Session, request: Request): Promise<void> {
  const { channel } = session;
  if (channel === undefined || session.busy.includes(request)) return;
  session.busy = [...session.busy, request];
  refresh(session);
  try {
    await channel[request]();
    if (request === "settle") session.page.toasts.showNote("Settled: the chain took it over.");
  } catch (error) {
    session.page.toasts.showProblem(problemOf(error));
  }
  session.busy = session.busy.filter((other) => other !== request);
  refresh(session);
}

/** The same identity and journal, with the real contract or the altered one. */
async function restart(session: Session, isCheating: boolean): Promise<void> {
  const { node } = session;
  session.stay += 1;
  stop(session, undefined);
  session.isCheating = isCheating;
  session.isOffline = false;
  session.hasCheated = false;
  session.own = createOwnCalls();
  session.chronicle.note(
    isCheating ? "bad" : "plain",
    isCheating
      ? "This tab loads an altered contract: once it leads, it puts words into others' mouths."
      : "This tab's node starts again.",
  );
  try {
    await node?.close();
  } catch {
    // It has stopped by itself before; the new one claims its identity.
  }
  await start(session);
}

/** Another device needs more than the clipboard of this one. */
async function invite({ address, page: { toasts } }: Session): Promise<void> {
  const link = inviteLink(new URL(location.href), address);
  if (address.signal === undefined) return copy(link, toasts);
  await showInvitation(link, () => void copy(link, toasts));
}

async function copy(link: string, toasts: Page["toasts"]): Promise<void> {
  try {
    await navigator.clipboard.writeText(link);
    toasts.showNote(`Copied: ${link}`);
  } catch {
    toasts.showNote(`Open this elsewhere: ${link}`);
  }
}
