// A group chat: every tab that runs this is a player of one staked channel.
import { chat, createNode, type World } from "holdfast";

export async function joinChat(room: string, show: (lines: string[]) => void, world?: World) {
  const node = await createNode({ app: chat, stake: 100n, world });
  const channel = await node.open(room);

  channel.on("change", ({ messages }) => {
    show(messages.map(({ author, text }) => `${author.slice(0, 8)}: ${text}`));
  });

  return {
    /** Resolves when the message cannot be lost any more. */
    say: (text: string) => channel.call("post", text).confirmed,
    /** Brings the talk onto the chain. */
    settle: () => channel.settle(),
    leave: () => channel.leave(),
    close: () => node.close(),
  };
}
