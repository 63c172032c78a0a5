// The options of `holdfast chain`, read and checked.
import { type ProducerKey, type ProducerSecret, readProducerKeys } from "#chains";
import { readKeyFile } from "./producer-key.ts";
import type { ChainPorts, ChainServerOptions } from "./server.ts";

/** Where the official SDK looks for a local network (decisions, section 8). */
export const API_PORT = 8080;
export const FAUCET_OFFSET = 1;
export const INDEXER_OFFSET = 10;
export const DEFAULT_HOST = "127.0.0.1";
export const SLOT_MS_USUAL = 1_000;

const PORT_MAX = 65_535;
const SLOT_MS_MIN = 50;
const SLOT_MS_MAX = 600_000;
const ROOT = "root";
/** From the root's port to the first shard's and the first parallel chain's. */
const SHARDS_OFFSET = 20;
const PARAS_OFFSET = 120;
/** Chain ids are 100 + their number, in a byte. */
const PARAS_MAX = 155;

/** For `parseArgs`. */
export const OPTIONS = {
  port: { type: "string", default: String(API_PORT) },
  host: { type: "string", default: DEFAULT_HOST },
  data: { type: "string" },
  only: { type: "string" },
  peer: { type: "string", multiple: true, default: [] as string[] },
  producers: { type: "string" },
  slot: { type: "string", default: String(SLOT_MS_USUAL) },
  key: { type: "string" },
  "new-key": { type: "string" },
  para: { type: "string" },
  help: { type: "boolean", short: "h", default: false },
} as const;

export interface ChainOptions extends Omit<ChainServerOptions, "onBlock" | "onFarewell"> {
  /** Shards that run in this process; none beside a root alone. */
  readonly shards: readonly ShardPlan[];
  /** Parallel chains that run in this process. */
  readonly paras: readonly ParaPlan[];
  /** A parallel chain that this root begins for nodes that run elsewhere, by their keys on disk. */
  readonly begins: number | undefined;
}

/** A parallel chain that is to run beside the root. */
export interface ParaPlan {
  readonly number: number;
  /** Of its first node; 0 takes free ones. */
  readonly port: number;
}

/** A shard that is to run beside the root. */
export interface ShardPlan {
  readonly shardId: bigint;
  /** Of its first node; 0 takes free ones. */
  readonly port: number;
}

export interface ChainValues {
  readonly port: string;
  readonly host: string;
  readonly data?: string | undefined;
  readonly only?: string | undefined;
  readonly peer: readonly string[];
  readonly producers?: string | undefined;
  readonly slot: string;
  readonly key?: string | undefined;
  readonly para?: string | undefined;
}

/** Returns what is wrong, as `CODE: message`, where something is. */
export function readChainOptions(values: ChainValues): ChainOptions | string {
  const ports = portsFrom(values.port);
  if (ports === undefined) {
    const most = PORT_MAX - INDEXER_OFFSET;
    return `PORT_INVALID: "${values.port}" is no port; give a number up to ${most}.`;
  }
  if (values.only !== undefined && values.only !== ROOT) {
    return `CHAIN_UNKNOWN: there is no chain "${values.only}"; there is ${ROOT}.`;
  }
  const wrongPeer = values.peer.find((url) => !isNodeUrl(url));
  if (wrongPeer !== undefined) {
    return `PEER_INVALID: "${wrongPeer}" is no API of a node, as in http://host:8080/v1.`;
  }
  const slotMs = Number(values.slot);
  if (!Number.isInteger(slotMs) || slotMs < SLOT_MS_MIN || slotMs > SLOT_MS_MAX) {
    const range = `${SLOT_MS_MIN} to ${SLOT_MS_MAX}`;
    return `SLOT_INVALID: "${values.slot}" is no turn; give ${range} milliseconds.`;
  }
  const producers = values.producers === undefined ? undefined : producersFrom(values);
  if (typeof producers === "string") return producers;
  const producerSecret = values.key === undefined ? undefined : keyFrom(values.key);
  if (typeof producerSecret === "string") return producerSecret;
  const begins = beginsOf(values);
  if (typeof begins === "string") return begins;
  const beside = isAlone(values) ? [] : [1];
  return {
    host: values.host,
    ports,
    dataFolder: values.data,
    peers: values.peer,
    founding: { producers, slotMs, producerSecret },
    shards: beside.map((number) => {
      return { shardId: BigInt(number), port: shardPort(ports.api, number) };
    }),
    paras: beside.map((number) => ({ number, port: paraPort(ports.api, number) })),
    begins,
  };
}

function beginsOf({ para, only, data }: ChainValues): number | string | undefined {
  if (para === undefined) return undefined;
  if (only !== ROOT || data === undefined) {
    return `DATA_MISSING: a root alone begins a parallel chain: give --only root and --data DIR.`;
  }
  return paraNumberOf(para);
}

/** The number of a parallel chain; what is wrong as `CODE: message`. */
export function paraNumberOf(text: string): number | string {
  const number = wholeNumber(text, PARAS_MAX);
  if (number !== undefined && number > 0) return number;
  return `PARA_INVALID: "${text}" is no parallel chain; they are 1 to ${PARAS_MAX}.`;
}

/** Whoever joins a chain, or shares one, runs its node and nothing beside it. */
function isAlone({ only, peer, producers }: ChainValues): boolean {
  return only === ROOT || peer.length > 0 || producers !== undefined;
}

/** Shard i of a root at 8080 is at 8100 + i. */
export function shardPort(rootPort: number, number: number): number {
  return rootPort === 0 ? 0 : rootPort + SHARDS_OFFSET + number;
}

function keyFrom(path: string): ProducerSecret | string {
  const secret = readKeyFile(path);
  return secret ?? `KEY_INVALID: ${path} holds no secret key; make one with --new-key.`;
}

function producersFrom({ producers = "", peer }: ChainValues): readonly ProducerKey[] | string {
  if (peer.length > 0) {
    return `PRODUCERS_INVALID: the chain at ${peer[0]} has its producers; leave --producers out.`;
  }
  const keys = readProducerKeys(producers);
  return (
    keys ??
    `PRODUCERS_INVALID: "${producers}" is no list of 1 to 100 different keys, 64 digits each.`
  );
}

function isNodeUrl(text: string): boolean {
  return URL.canParse(text) && /^(https?|wss?):$/.test(new URL(text).protocol);
}

/** Parallel chain j of a root at 8080 is at 8200 + j. */
export function paraPort(rootPort: number, number: number): number {
  return rootPort === 0 ? 0 : rootPort + PARAS_OFFSET + number;
}

/** 0 is any free one; undefined for what is none. */
export function portOf(text: string): number | undefined {
  return wholeNumber(text, PORT_MAX);
}

/** 0 to `most`; undefined for any other text. */
export function wholeNumber(text: string, most: number): number | undefined {
  const number = Number(text);
  const isOne = text !== "" && Number.isInteger(number) && number >= 0 && number <= most;
  return isOne ? number : undefined;
}

function portsFrom(text: string): ChainPorts | undefined {
  const port = portOf(text);
  if (port === undefined || port + INDEXER_OFFSET > PORT_MAX) return undefined;
  if (port === 0) return { api: 0, faucet: 0, indexer: 0 };
  return { api: port, faucet: port + FAUCET_OFFSET, indexer: port + INDEXER_OFFSET };
}
