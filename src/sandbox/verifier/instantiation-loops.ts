/**
 * Calls among the module's generic functions instantiate finitely many functions. A node is a type
 * parameter of a function; an edge says that a call passes it on, as it is or wrapped into a larger
 * type. A cycle with a wrapping edge would make ever larger types, which code that is compiled per
 * instance can not survive.
 */
import type {
  CompiledModule,
  FunctionDefinitionIndex,
  SignatureToken,
} from "../binary-format/file-format.ts";
import { entryAt, signatureAt } from "../binary-format/module-view.ts";
import { visitTokens } from "../binary-format/signature-tokens.ts";
import { refuse } from "./error.ts";
import { charge, type Meter } from "./meter.ts";
import { componentsOf } from "./strongly-connected.ts";

export function verifyInstantiationLoops(module: CompiledModule, meter: Meter): void {
  const graph = buildGraph(module, meter);
  const components = componentsOf(graph.successors);
  for (const { from, to, functionIndex, offset } of graph.wrappingEdges) {
    if (components[from] !== components[to]) continue;
    refuse("LOOP_IN_INSTANTIATION_GRAPH", "this call can make ever larger types", {
      functionIndex,
      offset,
    });
  }
}

type Node = number;

interface WrappingEdge {
  readonly from: Node;
  readonly to: Node;
  readonly functionIndex: FunctionDefinitionIndex;
  readonly offset: number;
}

interface InstantiationGraph {
  readonly successors: Node[][];
  readonly wrappingEdges: WrappingEdge[];
}

function buildGraph(module: CompiledModule, meter: Meter): InstantiationGraph {
  const firstNode: Node[] = [];
  let nodeCount = 0;
  for (const { handle } of module.functionDefinitions) {
    firstNode.push(nodeCount);
    nodeCount += entryAt(module.functionHandles, handle).typeParameters.length;
  }
  charge(meter, nodeCount);
  const graph: InstantiationGraph = {
    successors: Array.from({ length: nodeCount }, () => []),
    wrappingEdges: [],
  };
  const definitionByHandle = new Map(
    module.functionDefinitions.map(({ handle }, definition) => [handle, definition]),
  );
  for (const [functionIndex, { code }] of module.functionDefinitions.entries()) {
    const seen = new Set<number>();
    for (const [offset, { opcode, index }] of code?.code.entries() ?? []) {
      charge(meter, 1);
      if (opcode !== "CallGeneric" || seen.has(index)) continue;
      seen.add(index);
      const { handle, typeArgs } = entryAt(module.functionInstantiations, index);
      // Functions of other modules can not call back into this one: dependencies have no cycles.
      const callee = definitionByHandle.get(handle);
      if (callee === undefined) continue;
      for (const [position, token] of signatureAt(module, typeArgs).entries()) {
        const to = entryAt(firstNode, callee) + position;
        for (const parameter of parametersIn(token, meter)) {
          const from = entryAt(firstNode, functionIndex) + parameter;
          graph.successors[from]?.push(to);
          if (token.kind === "typeParameter") continue;
          graph.wrappingEdges.push({ from, to, functionIndex, offset });
        }
      }
    }
  }
  return graph;
}

function parametersIn(token: SignatureToken, meter: Meter): Set<number> {
  const parameters = new Set<number>();
  visitTokens(token, (inner) => {
    charge(meter, 1);
    if (inner.kind === "typeParameter") parameters.add(inner.index);
  });
  return parameters;
}
