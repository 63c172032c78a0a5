// Runs workloads as compiled code inside a worker of a real browser.
import {
  chainProfile,
  createCompiler,
  createMemoryState,
  internalGas,
  makeAddress,
  newValue,
  parseFunctionId,
} from "../../src/sandbox/index.ts";

export interface WorkloadRequest {
  readonly modules: readonly Uint8Array[];
  readonly workloads: readonly { readonly name: string; readonly function: string; arg: number }[];
}

const OWNER = makeAddress("0x1");
const CONTEXT = { uniqueSeed: new Uint8Array(32), chainId: 4 };
const GAS = internalGas(1_000_000_000_000);

function runAll({ modules, workloads }: WorkloadRequest): Record<string, string> {
  const executor = createCompiler(chainProfile());
  const state = createMemoryState();
  const session = executor.begin(state, CONTEXT);
  session.publish(OWNER, modules, GAS);
  state.apply(session.changes());
  const sums: Record<string, string> = {};
  for (const workload of workloads) {
    const id = parseFunctionId(workload.function);
    if (id === undefined) throw new Error(`${workload.function} is no function`);
    const arg = new Uint8Array(8);
    new DataView(arg.buffer).setBigUint64(0, BigInt(workload.arg), true);
    const { status, changes } = executor.begin(state, CONTEXT).execute({
      mode: "entry",
      function: id,
      typeArgs: [],
      args: [arg],
      signers: [OWNER],
      gasLimit: GAS,
    });
    const sum = changes.find(({ key }) => key.kind === "resource" && key.type.name === "Sum");
    const value = sum === undefined ? undefined : newValue(sum.op);
    sums[workload.name] =
      value === undefined
        ? status.type
        : String(new DataView(value.buffer, value.byteOffset).getBigUint64(0, true));
  }
  return sums;
}

self.addEventListener("message", ({ data }: MessageEvent<WorkloadRequest>) => {
  self.postMessage(runAll(data));
});
