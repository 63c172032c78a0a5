/** Statements: each leaves the stack as it found it, and every local with a value. */

import { callableFunctions, chooseTypeArgs, emitArguments } from "./calls.ts";
import { below, pick, pickAny, pickWeighted, rarely } from "./choices.ts";
import { emitBranch, emitEarlyReturn, emitLeave, emitLoop } from "./control.ts";
import { emitLinear, emitMatch, emitUnpack } from "./destructuring.ts";
import { callLine, emitBorrow, emitSteps, memberLine, pathsFrom, placesOf } from "./places.ts";
import {
  declareLocal,
  emit,
  emitBlock,
  emitValue,
  isWritable,
  newLabel,
  placeLabel,
  type Scope,
  storeOrPop,
  whileBorrowed,
} from "./scope.ts";
import {
  emitEvent,
  emitResourceStatement,
  emitTableStatement,
  emitVectorChange,
  pickResource,
} from "./storage.ts";
import { ADDRESS, BOOL, isSameType, substitute, typeText } from "./type-model.ts";

/** How deep statements nest. */
const STATEMENT_DEPTH_MAX = 3;

type Writer = (scope: Scope) => void;

export function emitStatement(scope: Scope): void {
  pickWeighted<Writer>(scope.choices, weights(scope))(scope);
}

function weights(scope: Scope): readonly (readonly [number, Writer])[] {
  const { module } = scope;
  const nests = scope.depth < STATEMENT_DEPTH_MAX ? 1 : 0;
  const stores = scope.holdsGlobal ? 0 : 1;
  return [
    [6, emitAssignment],
    [5, emitWrite],
    [4, emitVectorStatement],
    [nests * 4, emitBranch],
    [nests * (scope.loopDepth < 2 ? 4 : 0), emitLoop],
    [scope.loop === undefined ? 0 : 3, emitLeave],
    [2, emitAssertion],
    [4, emitCallStatement],
    [nests * 4, emitReferenceBlock],
    [nests * stores * (module.resources.length > 0 ? 2 : 0), emitGlobalBlock],
    [stores * (module.resources.length > 0 ? 6 : 0), emitResourceStatement],
    [stores * (module.bag === undefined ? 0 : 5), emitTableStatement],
    [2, emitEvent],
    [2, emitExchange],
    [4, emitUnpack],
    [nests * (module.version === 7 ? 3 : 0), emitMatch],
    [1, emitLinear],
    [1, emitEarlyReturn],
  ];
}

/** Several statements, one after another. */
export function writeBlock(scope: Scope): void {
  const count = 1 + below(scope.choices, 3);
  for (let index = 0; index < count; index++) emitStatement(scope);
}

function emitAssignment(scope: Scope): void {
  const local = pickAny(
    scope.choices,
    scope.locals.filter((candidate) => isWritable(scope, candidate)),
  );
  if (local === undefined) return;
  emitValue(scope, local.type);
  emit(scope, `st_loc ${local.name}`);
}

function emitWrite(scope: Scope): void {
  const place = pickAny(scope.choices, placesOf(scope, true));
  if (place === undefined) return;
  emitValue(scope, place.type);
  // Evaluating the value may not have changed what can be borrowed: it only reads.
  emitBorrow(scope, place, true);
  emit(scope, "write_ref");
}

function emitVectorStatement(scope: Scope): void {
  const vectors = placesOf(scope, true).filter(({ type }) => type.kind === "vector");
  const place = pickAny(scope.choices, vectors);
  if (place?.type.kind !== "vector") return;
  const { element } = place.type;
  const others = vectors.filter(
    ({ root, type }) => root !== place.root && isSameType(type, place.type),
  );
  const other = rarely(scope.choices, 3) ? pickAny(scope.choices, others) : undefined;
  emitBorrow(scope, place, true);
  whileBorrowed(scope, place.root, "exclusive", () => {
    if (other === undefined) emitVectorChange(scope, element);
    else {
      emit(scope, `ld_u64 ${below(scope.choices, 2)}`, `ld_u64 ${below(scope.choices, 3)}`);
      emitBorrow(scope, other, true);
      emit(scope, `ld_u64 ${below(scope.choices, 2)}`);
      emit(scope, `call_generic 0x1::vector::move_range<${typeText(element)}>`);
    }
  });
}

function emitAssertion(scope: Scope): void {
  const label = newLabel(scope);
  emitValue(scope, BOOL, 2);
  emit(scope, `${pick(scope.choices, ["br_true", "br_false"])} ${label}`);
  emit(scope, `ld_u64 ${scope.labelCount}`, "abort");
  placeLabel(scope, label);
  emit(scope, "nop");
}

/** Any function; what it returns goes to locals or is dropped. */
function emitCallStatement(scope: Scope): void {
  const callee = pickAny(scope.choices, callableFunctions(scope));
  if (callee === undefined) return;
  const typeArgs = chooseTypeArgs(scope, callee);
  emitArguments(scope, callee, typeArgs, 2);
  emit(scope, callLine(callee, typeArgs));
  for (const { passing, type } of callee.returns.toReversed()) {
    const returned = substitute(type, typeArgs);
    if (passing === "value") storeOrPop(scope, returned);
    else {
      emit(scope, "read_ref");
      storeOrPop(scope, returned);
    }
  }
}

/** Holds a reference in a local for a few statements. */
function emitReferenceBlock(scope: Scope): void {
  const isMutable = below(scope.choices, 2) === 0;
  const place = pickAny(scope.choices, placesOf(scope, isMutable));
  if (place === undefined) return;
  emitBorrow(scope, place, isMutable);
  const passing = isMutable ? "mutable" : "reference";
  const local = declareLocal(scope, place.type, { passing });
  emit(scope, `st_loc ${local.name}`);
  whileBorrowed(scope, place.root, isMutable ? "exclusive" : "shared", () => {
    scope.locals.push(local);
    emitBlock(scope);
    scope.locals.splice(scope.locals.indexOf(local), 1);
  });
  emit(scope, `move_loc ${local.name}`, "pop");
}

/** Holds a reference into a resource for a few statements. */
function emitGlobalBlock(scope: Scope): void {
  const resource = pickResource(scope);
  if (resource === undefined) return;
  const isMutable = below(scope.choices, 2) === 0;
  const paths = pathsFrom(scope, resource, isMutable).filter(({ steps }) => steps.length > 0);
  const path = pick(scope.choices, paths);
  emitValue(scope, ADDRESS, 0);
  scope.acquires.add(resource.struct.name);
  emit(scope, memberLine(isMutable ? "mut_borrow_global" : "imm_borrow_global", resource));
  emitSteps(scope, path.steps, isMutable);
  const passing = isMutable ? "mutable" : "reference";
  const local = declareLocal(scope, path.type, { passing });
  emit(scope, `st_loc ${local.name}`);
  scope.holdsGlobal = true;
  scope.locals.push(local);
  emitBlock(scope);
  scope.locals.splice(scope.locals.indexOf(local), 1);
  scope.holdsGlobal = false;
  emit(scope, `move_loc ${local.name}`, "pop");
}

/** Two locals of one type change places by moves. */
function emitExchange(scope: Scope): void {
  const writable = scope.locals.filter((local) => isWritable(scope, local));
  const first = pickAny(scope.choices, writable);
  if (first === undefined) return;
  const second = pick(
    scope.choices,
    writable.filter(({ type }) => isSameType(type, first.type)),
  );
  if (first === second) {
    emit(scope, `move_loc ${first.name}`, "nop", `st_loc ${first.name}`);
    return;
  }
  emit(scope, `move_loc ${first.name}`, `move_loc ${second.name}`);
  emit(scope, `st_loc ${first.name}`, `st_loc ${second.name}`);
}
