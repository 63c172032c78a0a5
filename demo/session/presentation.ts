// Puts what a session knows into the view that the page shows.
import { inviteLink, placeOf } from "./address-line.ts";
import { sameAddress } from "./names.ts";
import { type Session, STAKE } from "./session-state.ts";
import { chainView, channelView, standingOf, type Table } from "./table.ts";

/** Shows how things stand. */
export function refresh(session: Session): void {
  const { seats, feed, channel, node } = session;
  const nowMs = Date.now();
  const table = tableOf(session);
  const isDone = session.standing.type === "refused" || session.standing.type === "stopped";
  if (table !== undefined && !isDone) {
    session.standing = standingOf(table, {
      departure: session.departure,
      isLeaving: session.busy.includes("leave"),
      nowMs,
    });
  }
  const you = seats.byAddress(node?.address ?? "");
  const messages =
    channel === undefined
      ? []
      : feed.messages(
          channel.progress,
          table?.news?.group,
          (address) => seats.byAddress(address),
          you,
        );
  session.page.show({
    standing: session.standing,
    room: session.address.room,
    reach: session.address.signal === undefined ? "tabs" : "browsers",
    inviteUrl: inviteLink(new URL(location.href), session.address),
    you,
    stake: stakeOf(session),
    balance: session.news?.balance,
    channel: table && channelView(table, seats, nowMs),
    messages,
    log: session.chronicle.lines,
    chain: chainView(session.news, placeOf(session.address)),
    trouble: { isCheating: session.isCheating, isOffline: session.isOffline },
    busy: session.busy,
  });
}

function tableOf(session: Session): Table | undefined {
  const { channel, node, news, feed } = session;
  if (channel?.status === undefined || node === undefined) return undefined;
  return {
    id: channel.id,
    status: channel.status,
    progress: channel.progress,
    sequenced: channel.progress.verified + BigInt(feed.aheadCount()),
    delays: feed.latestDelays(),
    state: channel.state,
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
