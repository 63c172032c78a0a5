/** Door of the chains for programs on Node: what needs sockets or files. Never part of a page. */
export { openSqliteJournal } from "./cross-chain/sqlite-journal-node.ts";
export {
  HTTP_LIMITS,
  type HttpLimits,
  type HttpServer,
  type HttpServerOptions,
  serveHttp,
  type UpgradeHandler,
} from "./http/server-node.ts";
export { createPeerDoor, dialPeer, peerUrl } from "./peer/socket-server-node.ts";
export { openSqliteStore } from "./store/sqlite-node.ts";
