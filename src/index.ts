/**
 * What a game needs: `createNode`, the apps that come with it, and the shapes of what they give.
 */

export type { JsValue } from "#sandbox";
export type {
  App,
  AppBinding,
  AppCalls,
  ChainArgument,
  ChainCall,
  ChannelBinding,
} from "./node/app.ts";
export { type BrowserWorldOptions, browserWorld } from "./node/browser-world.ts";
export type { CallHandle, CallReceipt } from "./node/call-handle.ts";
export type { Channel, ChannelListeners } from "./node/channel-client.ts";
export type { Awaited, ChannelStatus, MemberStatus } from "./node/channel-status.ts";
export { type ChatCalls, type ChatMessage, type ChatState, chat } from "./node/chat.ts";
export {
  type EditorCalls,
  type EditorParagraph,
  type EditorState,
  editor,
} from "./node/editor.ts";
export { HoldfastError } from "./node/holdfast-error.ts";
export type { CallStage, ChannelEntry, EntryOutcome, Progress } from "./node/host.ts";
export { createLocalWorld, type LocalWorld } from "./node/local-world.ts";
export {
  AIR,
  LAND_HEIGHT,
  LAND_SIDE,
  type MovecraftCalls,
  type MovecraftChannel,
  type MovecraftState,
  movecraft,
  readLand,
  readTraveller,
  type Traveller,
} from "./node/movecraft.ts";
export { createNode, type Node, type NodeOptions } from "./node/node.ts";
export type { HostEnvironment } from "./node/node-host.ts";
export { serveNode } from "./node/serve-node.ts";
export type { World } from "./node/world.ts";
