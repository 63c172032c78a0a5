// Puts what a session knows into the view that the page shows.
import { gameLinks, inviteLink, placeOf } from "./address-line.ts";
import { sameAddress } from "./names.ts";
import { type Session, STAKE } from "./session-state.ts";
import { chainView, channelView, standingOf, type Table } from "./table.ts";

/** Shows how things stand. */
export function refresh(session: Session): void {
  const { seats, node, address } = session;
  const nowMs = Date.now();
  const table = tableOf(session);
  const isDone = session.standing.type === "refused" || session.standing.type === "stopped";
  if (table !== undefined && !isDone) {
    session.standing = standingOf(table, {
      departure: session.departure,
      leaving: (["leave", "exit"] as const).find((request) => session.busy.includes(request)),
      nowMs,
    });
  }
  const here = new URL(location.href);
  session.page.show({
    standing: session.standing,
    game: address.game,
    gameUrls: gameLinks(here),
    room: address.room,
    reach: address.signal === undefined ? "tabs" : "browsers",
    inviteUrl: inviteLink(here, address),
    you: seats.byAddress(node?.address ?? ""),
    stake: stakeOf(session),
    balance: session.news?.balance,
    channel: table && channelView(table, seats, nowMs),
    log: session.chronicle.lines,
    players: seats.people(),
    chain: {
      ...chainView(session.news, placeOf(address), session.game.describe),
      trouble: session.chainTrouble,
    },
    trouble: {
      isCheating: session.isCheating,
      isOffline: session.isOffline,
      canCheat: session.game.cheat !== undefined,
    },
    busy: session.busy,
  });
}

function tableOf(session: Session): Table | undefined {
  const { channel, node, news, own } = session;
  if (channel?.status === undefined || node === undefined) return undefined;
  return {
    id: channel.id,
    status: channel.status,
    progress: channel.progress,
    sequenced: channel.progress.verified + BigInt(own.aheadCount()),
    delays: own.latestDelays(),
    news: news?.record?.id === channel.id ? news : undefined,
    self: node.address,
  };
}

/** What this tab has at stake: on chain once its seat is there, and nothing when it is gone. */
function stakeOf({ standing, news, node }: Session): bigint {
  const self = node?.address;
  const own = news?.record?.members.findLast(
    ({ address }) => self !== undefined && sameAddress(address, self),
  );
  // A node that has stopped keeps its seat, and the stake with it.
  const isSeated = ["playing", "starting", "stopped"].includes(standing.type);
  return own?.stake ?? (isSeated ? STAKE : 0n);
}
