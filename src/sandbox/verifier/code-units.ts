/**
 * Verifies function bodies, each on its own, pass by pass: every pass relies on those before it.
 */
import type { CompiledModule } from "../binary-format/file-format.ts";
import { functionName } from "../binary-format/module-view.ts";
import { acquiresByHandle, verifyAcquiresList } from "./acquires-list.ts";
import type { VerifierConfig } from "./config.ts";
import { verifyControlFlow } from "./control-flow.ts";
import { functionContext } from "./function-context.ts";
import { verifyLocalsSafety } from "./locals-safety.ts";
import { enterScope, type Meter } from "./meter.ts";
import { verifyReferenceSafety } from "./reference-safety/reference-safety.ts";
import { verifyStackUsage } from "./stack-usage.ts";
import { verifyTypeSafety } from "./type-safety/type-safety.ts";

export function verifyCodeUnits(
  module: CompiledModule,
  config: VerifierConfig,
  meter: Meter,
): void {
  const acquires = acquiresByHandle(module);
  for (const [index, definition] of module.functionDefinitions.entries()) {
    const context = functionContext(module, config, meter, index, definition);
    if (context === undefined) continue;
    enterScope(meter, `function ${functionName(module, definition)}`);
    const graph = verifyControlFlow(context);
    verifyStackUsage(context, graph);
    verifyTypeSafety(context, graph);
    verifyLocalsSafety(context, graph);
    verifyReferenceSafety(context, graph, acquires);
    verifyAcquiresList(context, acquires);
  }
}
