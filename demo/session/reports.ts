// Takes in what the node and the chain report about the channel.
import type { ChainNews, ChainTrouble } from "../explorer/chain-watch.ts";
import { bigOf } from "../explorer/fields.ts";
import type { AnyChannel } from "../games/game.ts";
import type { Problem } from "../view/problem.ts";
import { refresh } from "./presentation.ts";
import { problemOf } from "./problems.ts";
import { nameOfSeat, type Session } from "./session-state.ts";

export function listen(session: Session, channel: AnyChannel, isCurrent: () => boolean): void {
  const { seats, chronicle } = session;
  // What was reported before anybody listened.
  if (channel.status !== undefined) seats.readStatus(channel.status);
  /** Takes a report in, and shows it, while it is about the present stay. */
  const during =
    <Report>(read: (report: Report) => void) =>
    (report: Report) => {
      if (!isCurrent()) return;
      read(report);
      refresh(session);
    };
  const readEntries = during((entries: typeof channel.entries) => {
    seats.readEntries(entries);
    chronicle.readEntries(channel.id, entries);
  });
  readEntries(channel.entries);
  channel.on("entries", readEntries);
  channel.on(
    "progress",
    during(() => {}),
  );
  channel.on(
    "status",
    during((status) => {
      seats.readStatus(status);
      cheatOnce(session);
    }),
  );
  channel.on(
    "fraud",
    during(({ seat, detail }) => {
      const name = nameOfSeat(seats, seat);
      chronicle.note("bad", `This tab caught ${name} cheating: ${detail}.`);
    }),
  );
  channel.on(
    "failed",
    during((error) => stop(session, problemOf(error))),
  );
}

/** With the altered contract loaded: plays the cheat as soon as this tab leads, and once. */
function cheatOnce(session: Session): void {
  const isLeading = session.channel?.status?.phase === "leading";
  const { channel, game } = session;
  if (!session.isCheating || session.hasCheated || !isLeading || channel === undefined) return;
  session.hasCheated = true;
  game
    .cheat?.(channel)
    .verified.catch((error: unknown) => session.page.toasts.showProblem(problemOf(error)));
}

/** The node is no more: by itself, for the reason given, or at the player's wish. */
export function stop(session: Session, problem: Problem | undefined): void {
  session.standing = { type: "stopped", problem };
  session.board.rise();
  session.channel = undefined;
  session.node = undefined;
  session.busy = [];
  refresh(session);
}

export function readTrouble(session: Session, { code, message }: ChainTrouble): void {
  session.chainTrouble = problemOf(Object.assign(new Error(message), { code }));
  refresh(session);
}

export function readNews(session: Session, news: ChainNews): void {
  session.news = news;
  session.chainTrouble = undefined;
  if (news.record !== undefined) session.seats.readRecord(news.record);
  for (const event of news.events) {
    const seat = bigOf(event.fields["seat"]);
    if (seat === undefined || !session.seats.bySeat(seat).isYou) continue;
    const returned = bigOf(event.fields["stake_returned"]);
    const fined = bigOf(event.fields["fined"]);
    // Who left alone was paid before its record goes, which returns nothing more.
    if (returned !== undefined && returned > 0n)
      session.departure = { ...session.departure, returned };
    if (fined !== undefined) session.departure = { ...session.departure, fined };
  }
  session.chronicle.readChain(news.events);
  refresh(session);
}
