/**
 * A parallel chain, as a player's node uses it: a chain of its own whose blocks are made of its
 * root's, whose nodes agree on them on the root, and whose coins come from there. A command is done
 * when a block of the parallel chain has it; what is told of a channel waits for agreement.
 */
import type { Clock } from "#channel";
import type { Address } from "#core/address.ts";
import type { ChainAccess, ChainLink } from "../../chain-access.ts";
import { createNeeds, fedAccess } from "../../fed-access.ts";
import type { Crossing, PurseTerms } from "../../purse.ts";
import { createSeats } from "../../seats.ts";
import { createAgreement } from "./agreement.ts";
import {
  isCrossing,
  isCrossingRepeated,
  readArrived,
  readCrossings,
  readTitle,
  transferCoins,
} from "./contract.ts";
import { agreedBlock, type FinalityLevel, hardEvents, softEvents } from "./finality.ts";
import { withdrawAll } from "./returning-coins.ts";

export interface ParaLinkOptions {
  /** Any link to the root. */
  readonly root: ChainLink;
  /** Any link to a node of the parallel chain. */
  readonly para: ChainLink;
  /** `user.p.NAME.`; asked of the parallel chain where absent. */
  readonly title?: string;
  readonly clock: Clock;
  /** From where on events are told: "hard", unless it is said otherwise. */
  readonly finality?: FinalityLevel;
  readonly coins?: Partial<PurseTerms>;
}

export interface ParaLink extends ChainLink {
  /** Height up to which blocks are agreed on for good; undefined before the first agreement. */
  hardHeight(): Promise<bigint | undefined>;
}

/** Two of the dearest transactions, and twenty. */
export const PARA_COINS: PurseTerms = {
  lowWater: 5_000_000n,
  target: 50_000_000n,
  budget: 500_000_000n,
};
/** What the account needs on the root beside what it sends: the fees of sending. */
const ROOT_FEES = 10_000_000n;

/**
 * The chain to play on is the parallel chain; the root is watched for what its nodes agree on, and
 * pays in the coins that are short.
 */
export function paraLink(options: ParaLinkOptions): ParaLink {
  const { root, para, clock, finality = "hard" } = options;
  let known = options.title;
  const title = async () => {
    known ??= await readTitle(para);
    return known;
  };
  const terms = { ...PARA_COINS, ...options.coins };
  const agreement = createAgreement(root, title);
  const cursor = finality === "hard" ? hardEvents(para, agreement) : softEvents(para, agreement);
  const needs = createNeeds<Address>();
  const seats = createSeats<Address>();
  /** Agreement comes with the root's blocks, and events with the parallel chain's. */
  const onHead: ChainLink["onHead"] = (listener) => {
    const stops = [root.onHead(listener), para.onHead(listener)];
    return () => {
      for (const stop of stops) stop();
    };
  };
  return {
    ...para,
    ...cursor,
    onHead,
    name: `parallel chain at ${para.name}, agreed on at ${root.name}`,
    access: (signer) => {
      const access = para.access(signer);
      const rootAccess = root.access(signer);
      const crossing = crossingTo(title, rootAccess, access);
      const need = needs.of(signer.address);
      const own = seats.of(signer.address);
      return Object.assign(fedAccess(access, { crossing, terms, clock, need, isCrossing }), {
        ...cursor,
        onHead,
        seated: (channel: bigint, isSeated: boolean) => own.note(channel, isSeated),
        async parted() {
          // Where it still plays it needs its coins.
          if (own.isEmpty()) await withdrawAll(rootAccess, access, await title(), clock);
        },
      });
    },
    /** The root has the faucet; the account's next transaction brings the coins over. */
    async fund(address, least) {
      needs.set(address, least);
      await root.fund(address, least + ROOT_FEES);
    },
    hardHeight: async () => (await agreedBlock(para, agreement))?.height,
    close() {
      para.close();
      root.close();
    },
  };
}

function crossingTo(title: () => Promise<string>, root: ChainAccess, para: ChainAccess): Crossing {
  const { account } = para;
  return {
    root,
    away: para,
    sent: async () => readCrossings(root, await title(), account),
    arrived: () => readArrived(para, account),
    sending: async (amount, number) => transferCoins(await title(), account, amount, number),
    isRepeated: isCrossingRepeated,
  };
}
