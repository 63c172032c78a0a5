/**
 * Locals have a value when they are read, moved or borrowed, and values that can not be dropped are
 * never lost: not overwritten, and not left behind by a return. A value that is there on some ways
 * only counts as both there and not.
 */
import { hasAbilities } from "../binary-format/abilities.ts";
import type { ControlFlowGraph } from "../binary-format/control-flow-graph.ts";
import { ABILITY_DROP, type CodeOffset, type Instruction } from "../binary-format/file-format.ts";
import { analyze } from "./absint.ts";
import { type FunctionContext, refuseAt } from "./function-context.ts";
import { charge } from "./meter.ts";
import { createTypeTable, declaredType, typeEntry } from "./type-safety/type-table.ts";

/** Units as the lineage charges them. */
const STEP_UNITS = 15;
const RETURN_UNITS_PER_LOCAL = 30;
const JOIN_UNITS = 10;
const JOIN_UNITS_PER_LOCAL = 5;

const ABSENT = 0;
const MAYBE_PRESENT = 1;
const PRESENT = 2;

/** One of the three states above for each local. */
type LocalStates = Uint8Array;

export function verifyLocalsSafety(context: FunctionContext, graph: ControlFlowGraph): void {
  const types = createTypeTable(context.module, context.handle.typeParameters);
  const isDroppable = context.locals.map((token) =>
    hasAbilities(typeEntry(types, declaredType(types, token)).abilities, ABILITY_DROP),
  );
  const entry = new Uint8Array(context.locals.length).fill(PRESENT, 0, context.parameterCount);
  analyze<LocalStates>(graph, context.code, entry, {
    copy: (states) => states.slice(),
    step: (states, instruction, offset) => {
      charge(context.meter, STEP_UNITS);
      step(context, isDroppable, states, instruction, offset);
    },
    finishBlock: () => {},
    join: (states, others) => {
      charge(context.meter, JOIN_UNITS + JOIN_UNITS_PER_LOCAL * states.length);
      return join(states, others);
    },
  });
}

function step(
  context: FunctionContext,
  isDroppable: readonly boolean[],
  states: LocalStates,
  { opcode, index }: Instruction,
  offset: CodeOffset,
): void {
  switch (opcode) {
    case "StLoc":
      if (states[index] !== ABSENT && isDroppable[index] !== true) {
        refuseAt(context, offset, "STLOC_UNSAFE_TO_DESTROY_ERROR", `local ${index} would be lost`);
      }
      states[index] = PRESENT;
      break;
    case "MoveLoc":
      if (states[index] !== PRESENT) {
        refuseAt(context, offset, "MOVELOC_UNAVAILABLE_ERROR", `local ${index} may be empty`);
      }
      states[index] = ABSENT;
      break;
    case "CopyLoc":
      if (states[index] !== PRESENT) {
        refuseAt(context, offset, "COPYLOC_UNAVAILABLE_ERROR", `local ${index} may be empty`);
      }
      break;
    case "MutBorrowLoc":
    case "ImmBorrowLoc":
      if (states[index] !== PRESENT) {
        refuseAt(context, offset, "BORROWLOC_UNAVAILABLE_ERROR", `local ${index} may be empty`);
      }
      break;
    case "Ret":
      charge(context.meter, RETURN_UNITS_PER_LOCAL * states.length);
      for (const [local, state] of states.entries()) {
        if (state === ABSENT || isDroppable[local] === true) continue;
        const detail = `local ${local} would be lost`;
        refuseAt(context, offset, "UNSAFE_RET_UNUSED_VALUES_WITHOUT_DROP", detail);
      }
      break;
    default:
  }
}

function join(states: LocalStates, others: LocalStates): boolean {
  let isChanged = false;
  for (const [local, state] of states.entries()) {
    if (state === others[local] || state === MAYBE_PRESENT) continue;
    states[local] = MAYBE_PRESENT;
    isChanged = true;
  }
  return isChanged;
}
