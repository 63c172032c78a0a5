/** Branches, loops that end, and ways out of both. */
import { below, between, pick, pickWeighted, rarely } from "./choices.ts";
import {
  declareLocal,
  emit,
  emitBlock,
  emitValue,
  newLabel,
  placeLabel,
  type Scope,
} from "./scope.ts";
import { BOOL, U64 } from "./type-model.ts";

export function emitBranch(scope: Scope): void {
  const [other, end] = [newLabel(scope), newLabel(scope)];
  emitValue(scope, BOOL, 2);
  const hasOther = below(scope.choices, 2) === 1;
  emit(scope, `${pick(scope.choices, ["br_false", "br_true"])} ${hasOther ? other : end}`);
  emitBlock(scope);
  if (hasOther) {
    emit(scope, `branch ${end}`);
    placeLabel(scope, other);
    emitBlock(scope);
  }
  placeLabel(scope, end);
  emit(scope, "nop");
}

/**
 * A loop that counts to a literal, tested at the head or at the foot. The counter moves first, so
 * that `continue` gets on.
 */
export function emitLoop(scope: Scope): void {
  const counter = declareLocal(scope, U64, { isFixed: true });
  const [head, end] = [newLabel(scope), newLabel(scope)];
  const most = between(scope.choices, 1, rarely(scope.choices, 8) ? 40 : 5);
  // Before version 6 a loop is left and continued only as compilers of that time did it.
  const testsFirst = scope.module.version === 5 || below(scope.choices, 2) === 0;
  emit(scope, "ld_u64 0", `st_loc ${counter.name}`);
  placeLabel(scope, head);
  if (testsFirst) {
    emit(scope, `copy_loc ${counter.name}`, `ld_u64 ${most}`, "lt", `br_false ${end}`);
  }
  emit(scope, `copy_loc ${counter.name}`, "ld_u64 1", "add", `st_loc ${counter.name}`);
  const outer = scope.loop;
  const foot = testsFirst ? head : newLabel(scope);
  scope.loop = { onBreak: end, onContinue: foot };
  scope.loopDepth += 1;
  scope.locals.push(counter);
  emitBlock(scope);
  scope.locals.splice(scope.locals.indexOf(counter), 1);
  scope.loopDepth -= 1;
  scope.loop = outer;
  if (testsFirst) emit(scope, `branch ${head}`);
  else {
    placeLabel(scope, foot);
    emit(scope, `copy_loc ${counter.name}`, `ld_u64 ${most}`, "lt", `br_true ${head}`);
  }
  placeLabel(scope, end);
  emit(scope, "nop");
}

/**
 * `break` or `continue`, on a condition. References held since the loop began keep it from being
 * used.
 */
export function emitLeave(scope: Scope): void {
  const { loop } = scope;
  if (loop === undefined) return;
  emitValue(scope, BOOL, 2);
  const target = pick(scope.choices, [loop.onBreak, loop.onContinue]);
  emit(scope, `br_true ${target}`);
  emit(scope, "nop");
}

/** Leaves the function on a condition: by returning, or by aborting with a computed code. */
export function emitEarlyReturn(scope: Scope): void {
  const end = newLabel(scope);
  emitValue(scope, BOOL, 2);
  emit(scope, `br_false ${end}`);
  const kind = pickWeighted(scope.choices, [
    [2, "return"],
    [1, "abort"],
  ] as const);
  if (kind === "return" && scope.returns.every(({ passing }) => passing === "value")) {
    for (const { type } of scope.returns) emitValue(scope, type, 2);
    emit(scope, "ret");
  } else {
    emitValue(scope, U64, 2);
    emit(scope, "abort");
  }
  placeLabel(scope, end);
  emit(scope, "nop");
}
