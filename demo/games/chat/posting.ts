// Brings what the channel tells into the conversation, and what the player writes into the channel.
import type { Channel, ChatCalls, ChatState } from "holdfast";
import type { GameHost } from "../game.ts";
import type { ConversationFeed } from "./conversation-feed.ts";

export type ChatChannel = Channel<ChatState, ChatCalls>;

export function hearChannel(channel: ChatChannel, feed: ConversationFeed, host: GameHost): void {
  // What was reported before anybody listened.
  if (channel.state !== undefined) feed.readState(channel.state, channel.progress.verified);
  feed.readEntries(channel.entries);
  channel.on("entries", (entries) => {
    feed.readEntries(entries);
    host.changed();
  });
  channel.on("change", (state) => {
    feed.readState(state, channel.progress.verified);
    host.changed();
  });
  channel.on("reverted", (height) => {
    feed.revert(height);
    host.changed();
  });
}

export function post(
  channel: ChatChannel,
  feed: ConversationFeed,
  text: string,
  host: GameHost,
): void {
  const handle = channel.call("post", text);
  const refuse = feed.follow(text, handle);
  host.follow(handle, { onRefused: refuse });
}
