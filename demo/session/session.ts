// One tab's stay: starts the node, opens the room's channel, and carries out what the player
// wants. The only file that puts node, chain and page together.
import { chat, createNode } from "holdfast";
import { askForChain } from "../shell/chain-settings.ts";
import type { Page } from "../shell/page.ts";
import type { Actions, Problem, Request } from "../shell/view-model.ts";
import { troubledWorld } from "../trouble/troubled-world.ts";
import { type AddressLine, chainLink, inviteLink, placeOf } from "./address-line.ts";
import { createConversationFeed } from "./conversation-feed.ts";
import { refresh } from "./presentation.ts";
import { problemOf } from "./problems.ts";
import { listen, readNews, stop } from "./reports.ts";
import { createSession, type Session, STAKE } from "./session-state.ts";

const REFRESH_MS = 1_000;
const STARTING_EMBEDDED = "Starting this tab's node and its chain…";

export interface SessionOptions {
  readonly address: AddressLine;
  readonly openPage: (actions: Actions) => Page;
}

export function openSession({ address, openPage }: SessionOptions): void {
  const page = openPage({
    post: (text) => post(session, text),
    request: (request) => void carryOut(session, request),
    copyInvite: () => void copyInvite(session),
    setCheating: (isCheating) => void restart(session, isCheating),
    setOffline(isOffline) {
      session.world?.setOffline(isOffline);
      session.isOffline = isOffline;
      session.chronicle.note("bad", isOffline ? "The network is cut." : "The network is mended.");
      refresh(session);
    },
    crash() {
      session.stay += 1;
      session.world?.crash();
      stop(session, undefined);
    },
    restart: () => void restart(session, false),
    chooseChain: () =>
      askForChain(address, (choice) => {
        location.assign(chainLink(new URL(location.href), choice));
      }),
  });
  const session = createSession(address, page);
  void start(session);
  setInterval(() => refresh(session), REFRESH_MS);
}

async function start(session: Session): Promise<void> {
  const stay = ++session.stay;
  const isCurrent = () => session.stay === stay;
  const { room, signal, party, chain, faucet, shard, para } = session.address;
  const place = placeOf(session.address);
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
    });
    session.world = world;
    const node = await createNode({ app: chat, stake: STAKE, world });
    session.node = node;
    world.look({ purse: node.address });
    step(session, "Staking, and taking a seat…");
    const channel = await node.open(room);
    if (!isCurrent()) return;
    session.channel = channel;
    world.look({ channel: channel.id });
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

function post(session: Session, text: string): void {
  const handle = session.channel?.call("post", text);
  if (handle === undefined) return;
  session.feed.follow(text, handle, (problem) => {
    if (problem !== undefined) session.page.toasts.showProblem(problem);
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
  session.feed = createConversationFeed((address) => session.seats.byAddress(address).isYou);
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

async function copyInvite({ address, page: { toasts } }: Session): Promise<void> {
  const link = inviteLink(new URL(location.href), address);
  try {
    await navigator.clipboard.writeText(link);
    toasts.showNote(`Copied: ${link}`);
  } catch {
    toasts.showNote(`Open this elsewhere: ${link}`);
  }
}
