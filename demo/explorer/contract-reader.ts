// Reads what contracts hold and tell, by the bytecode that the chain itself gives out: fetches the
// modules that a type needs and decodes with them. Knows no contract.
import {
  createTypeReader,
  deserializeModule,
  type FunctionId,
  type JsValue,
  type ModuleId,
  moduleKey,
  type PinnedModule,
  parseFunctionId,
  pinnedModules,
  type TypeReader,
  type TypeTag,
} from "holdfast/sandbox";
import type { ChainReader } from "holdfast/settlement";

export interface ContractReader {
  /** What a view function returns; undefined when it aborts or cannot be read. */
  view(
    name: string,
    typeArgs: readonly TypeTag[],
    args: readonly JsValue[],
  ): Promise<readonly JsValue[] | undefined>;
  decode(type: TypeTag, bytes: Uint8Array): Promise<JsValue | undefined>;
}

export function createContractReader(chain: ChainReader): ContractReader {
  const known = new Map<string, PinnedModule>();
  let reader = createTypeReader(pinnedModules([]));
  let fetching = Promise.resolve();

  /** One fetching after the other: what is half known cannot be read with. */
  async function readerWith(modules: readonly ModuleId[]): Promise<TypeReader> {
    const fetchMissing = async () => {
      const missing = modules.filter((module) => !known.has(moduleKey(module)));
      if (missing.length === 0) return;
      try {
        await Promise.all(missing.map((module) => fetchClosure(chain, module, known)));
      } catch (error) {
        // Half a closure is not told from a whole one.
        known.clear();
        throw error;
      }
      reader = createTypeReader(pinnedModules([...known.values()]));
    };
    fetching = fetching.then(fetchMissing, fetchMissing);
    await fetching;
    return reader;
  }

  return {
    async view(name, typeArgs, args) {
      const callee = functionOf(name);
      const types = await readerWith([callee.module, ...typeArgs.flatMap(moduleOf)]);
      const encoded = types.encodeArguments(callee, typeArgs, args);
      if (!encoded.ok) return undefined;
      try {
        const returned = await chain.view({ function: callee, typeArgs, args: encoded.value });
        const values = types.decodeReturns(callee, typeArgs, returned);
        return values.ok ? values.value : undefined;
      } catch {
        // The view aborted, or the chain is out of reach: there is nothing to show.
        return undefined;
      }
    },
    async decode(type, bytes) {
      const value = (await readerWith(moduleOf(type))).decode(type, bytes);
      return value.ok ? value.value : undefined;
    },
  };
}

function functionOf(name: string): FunctionId {
  const id = parseFunctionId(name);
  if (id === undefined) throw new Error(`${name} names no function`);
  return { module: id.module, name: id.name };
}

/** Where a struct is declared. */
function moduleOf(type: TypeTag): ModuleId[] {
  if (type.kind !== "struct") return [];
  return [{ address: type.struct.address, name: type.struct.module }];
}

/** Puts a module and all that it depends on into `known`. */
async function fetchClosure(
  chain: ChainReader,
  module: ModuleId,
  known: Map<string, PinnedModule>,
): Promise<void> {
  if (known.has(moduleKey(module))) return;
  const bytes = await chain.module(module);
  if (bytes === undefined) return;
  known.set(moduleKey(module), { id: module, bytes });
  await Promise.all(dependenciesOf(bytes).map((id) => fetchClosure(chain, id, known)));
}

function dependenciesOf(bytes: Uint8Array): ModuleId[] {
  const decoded = deserializeModule(bytes);
  if (!decoded.ok) return [];
  const { moduleHandles, addresses, identifiers } = decoded.value;
  return moduleHandles.flatMap((handle) => {
    const address = addresses[handle.address];
    const name = identifiers[handle.name];
    return address === undefined || name === undefined ? [] : [{ address, name }];
  });
}
