/**
 * What no channel of these members can do without, in the same process: every call is run once for
 * each member by the sandbox; it, or the bundle that it is in, is signed by who makes it and
 * checked by all others; every full header is signed, checked and acknowledged, and its certificate
 * checked. No message, no hash, no state root, no disk.
 */
import { ROOT_CHAIN_ID } from "#chains";
import {
  createMemoryStore,
  DEFAULT_PARAMETERS,
  platformEntropy,
  type Signer,
  verifyEd25519,
} from "#channel";
import {
  type Call,
  createStateTree,
  gasUnits,
  isExecuted,
  makeAddress,
  parseFunctionId,
  type StateTree,
  toInternalGas,
} from "#sandbox";
import type { LoadedChannel } from "#settlement";
import { message } from "./load.ts";
import { pinnedCode, startingState } from "./pinned.ts";
import { textArgument } from "./player.ts";

/**
 * Bytes of what is signed: a call of the chat, a bundle, a header, an ack, each with its prefix.
 */
const CALL_SIZE = 200;
const BUNDLE_SIZE = 116;
const HEADER_SIZE = 476;
const ACK_SIZE = 160;

const POST = parseFunctionId("0x21::chat::post");
const PLAYER = makeAddress("0xabc");
/** The floor's keys reveal nothing. */
const NO_REVEALS = 1;

export interface Floor {
  /**
   * Milliseconds that the unavoidable work on so many calls takes.
   * @param together calls that share a signature
   */
  readonly workMs: (calls: number, together: number) => number;
}

export async function createFloor(loaded: LoadedChannel, members: number): Promise<Floor> {
  const { signer } = await createMemoryStore(
    platformEntropy,
    undefined,
    NO_REVEALS,
  ).identityForJoin();
  const code = pinnedCode(loaded);
  const states = Array.from({ length: members }, () => {
    const state = createStateTree();
    state.apply(startingState(loaded));
    return state;
  });

  function runEverywhere(number: number): void {
    const call = callOf(number);
    for (const state of states) run(state, call);
  }

  function run(state: StateTree, call: Call): void {
    const session = code.begin(state, { uniqueSeed: new Uint8Array(32), chainId: ROOT_CHAIN_ID });
    const { status, changes } = session.execute(call);
    if (!isExecuted(status)) throw new Error("the chat takes every message");
    state.apply(changes);
  }

  return {
    workMs(calls, together) {
      const size = together === 1 ? CALL_SIZE : BUNDLE_SIZE;
      const start = performance.now();
      for (let number = 1; number <= calls; number++) {
        runEverywhere(number);
        const isLast = number === calls;
        if (isLast || number % together === 0) signAndCheck(signer, size, members - 1);
        const isFull = number % DEFAULT_PARAMETERS.batchEntriesMax === 0;
        if (isFull || isLast) certify(signer, members);
      }
      return performance.now() - start;
    },
  };
}

/** A header with its acks; others check the leader's own as part of the certificate. */
function certify(signer: Signer, members: number): void {
  const others = Math.floor((2 * members) / 3);
  signAndCheck(signer, HEADER_SIZE, members - 1);
  // The leader checks the acks that it needs beside its own, each other member those of others.
  const checks = others + (members - 1) * others;
  for (let ack = 0; ack < members; ack++) {
    const share = Math.floor((checks * (ack + 1)) / members) - Math.floor((checks * ack) / members);
    signAndCheck(signer, ACK_SIZE, share);
  }
}

function signAndCheck(signer: Signer, size: number, checks: number): void {
  const bytes = new Uint8Array(size);
  const signature = signer.signAsNode(bytes);
  for (let check = 0; check < checks; check++) {
    if (!verifyEd25519(bytes, signature, signer.nodeKey)) throw new Error("a signature holds");
  }
}

function callOf(number: number): Call {
  if (POST === undefined) throw new TypeError("a function has a name");
  return {
    mode: "entry",
    function: POST,
    typeArgs: [],
    args: [textArgument(message(number))],
    signers: [PLAYER],
    gasLimit: toInternalGas(gasUnits(DEFAULT_PARAMETERS.callGas)),
  };
}
