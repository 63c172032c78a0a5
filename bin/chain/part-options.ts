// The options of `holdfast chain` that are about processes: all of them, or one node of a chain
// beside the root.
import {
  type ChainValues,
  paraNumberOf,
  paraPort,
  portOf,
  shardPort,
  wholeNumber,
} from "./options.ts";

/** For `parseArgs`. */
export const PART_OPTIONS = {
  processes: { type: "boolean", default: false },
  shard: { type: "string", default: "1" },
  place: { type: "string", default: "0" },
  sibling: { type: "string", multiple: true, default: [] as string[] },
} as const;

export interface PartValues extends ChainValues {
  readonly processes: boolean;
  readonly shard: string;
  readonly place: string;
  readonly sibling: readonly string[];
}

/** What every part has: where it listens, and the folder that all parts share. */
interface Placed {
  readonly host: string;
  readonly port: number;
  readonly dataFolder: string;
}

/** A node of a chain beside the root. */
interface NodePart extends Placed {
  readonly place: number;
  readonly rootUrls: readonly string[];
}

export interface ProcessesPart extends Placed {
  readonly type: "processes";
  readonly shardId: bigint;
  readonly shardPort: number;
  readonly paraNumber: number;
  readonly paraPort: number;
}

export interface ShardNodePart extends NodePart {
  readonly type: "shardNode";
  readonly shardId: bigint;
  readonly siblings: readonly string[];
}

export interface ParaNodePart extends NodePart {
  readonly type: "paraNode";
  readonly number: number;
}

export type PartOptions = ProcessesPart | ShardNodePart | ParaNodePart;

const SHARD = "shard";
const PARA = "para";
const SHARDS_MAX = 89;
const PLACES_MAX = 99;
/** The parallel chain of `--processes` and `--only para`, where no other is named. */
const PARA_USUAL = "1";

/** Undefined where the options ask for none; what is wrong as `CODE: message`. */
export function readPartOptions(values: PartValues): PartOptions | string | undefined {
  const { host, data: dataFolder, only } = values;
  if (!values.processes && only !== SHARD && only !== PARA) return undefined;
  if (dataFolder === undefined) {
    return `DATA_MISSING: nodes in processes of their own share keys on disk; give --data DIR.`;
  }
  const port = portOf(values.port);
  const shard = wholeNumber(values.shard, SHARDS_MAX);
  const place = wholeNumber(values.place, PLACES_MAX);
  const number = paraNumberOf(values.para ?? PARA_USUAL);
  if (port === undefined) return `PORT_INVALID: "${values.port}" is no port.`;
  if (shard === undefined || shard === 0 || place === undefined) {
    return `SHARD_INVALID: shards are 1 to ${SHARDS_MAX}, and their nodes count from 0.`;
  }
  if (typeof number === "string") return number;
  const placed = { host, port, dataFolder };
  const shardId = BigInt(shard);
  if (values.processes) {
    if (port === 0) return "PORT_INVALID: processes find each other by ports; give one above 0.";
    const ports = { shardPort: shardPort(port, shard), paraPort: paraPort(port, number) };
    return { type: "processes", ...placed, ...ports, shardId, paraNumber: number };
  }
  if (values.peer.length === 0) {
    return `PEER_MISSING: a node beside the root follows it; name one of its nodes by --peer.`;
  }
  const part = { ...placed, place, rootUrls: values.peer };
  if (only === PARA) return { type: "paraNode", ...part, number };
  return { type: "shardNode", ...part, shardId, siblings: values.sibling };
}
