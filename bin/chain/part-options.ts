// The options of `holdfast chain` that are about processes: all of them, or one node of a shard.
import { type ChainValues, portOf, shardPort } from "./options.ts";

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

export type PartOptions =
  | {
      readonly type: "processes";
      readonly host: string;
      readonly port: number;
      readonly dataFolder: string;
      readonly shardId: bigint;
      readonly shardPort: number;
    }
  | {
      readonly type: "shardNode";
      readonly host: string;
      readonly port: number;
      readonly dataFolder: string;
      readonly shardId: bigint;
      readonly place: number;
      readonly rootUrls: readonly string[];
      readonly siblings: readonly string[];
    };

const SHARD = "shard";
const SHARDS_MAX = 89;
const PLACES_MAX = 99;

/** Undefined where the options ask for neither; what is wrong as `CODE: message`. */
export function readPartOptions(values: PartValues): PartOptions | string | undefined {
  const { host, data: dataFolder } = values;
  if (!values.processes && values.only !== SHARD) return undefined;
  if (dataFolder === undefined) {
    return `DATA_MISSING: nodes in processes of their own share keys on disk; give --data DIR.`;
  }
  const port = portOf(values.port);
  const shard = wholeNumber(values.shard, SHARDS_MAX);
  const place = wholeNumber(values.place, PLACES_MAX);
  if (port === undefined) return `PORT_INVALID: "${values.port}" is no port.`;
  if (shard === undefined || shard === 0 || place === undefined) {
    return `SHARD_INVALID: shards are 1 to ${SHARDS_MAX}, and their nodes count from 0.`;
  }
  const shared = { host, port, dataFolder, shardId: BigInt(shard) };
  if (!values.processes) {
    if (values.peer.length === 0) {
      return `PEER_MISSING: a node of a shard follows the root; name one of its nodes by --peer.`;
    }
    const places = { place, rootUrls: values.peer, siblings: values.sibling };
    return { type: "shardNode", ...shared, ...places };
  }
  if (port === 0) return "PORT_INVALID: processes find each other by ports; give one above 0.";
  return { type: "processes", ...shared, shardPort: shardPort(port, shard) };
}

function wholeNumber(text: string, most: number): number | undefined {
  const number = Number(text);
  return text !== "" && Number.isInteger(number) && number >= 0 && number <= most
    ? number
    : undefined;
}
