// The tidy rules by name. What each forbids, and why, stands with the rule.
import { brandsAreMadeByTheirOwners } from "./brands.ts";
import { noDeadFiles } from "./dead-files.ts";
import { deterministicFolders, synchronousCore } from "./determinism.ts";
import { noImportCircles } from "./import-circles.ts";
import { importsFollowTheTable, importsUseTheDoors, noStarExports } from "./import-table.ts";
import {
  FILE_EXEMPTIONS,
  FUNCTION_EXEMPTIONS,
  filesAreSmall,
  functionsAreSmall,
  linesAreShort,
} from "./size.ts";
import type { Rule } from "./source.ts";
import { lockHoldsNoAddress, namesSaySomething, noLeftovers, noMachineNames } from "./wording.ts";

export const RULES: Readonly<Record<string, Rule>> = {
  "imports follow the table": importsFollowTheTable,
  "imports use the doors": importsUseTheDoors,
  "no circles of imports": noImportCircles,
  "no export *": noStarExports,
  "no clock, chance, locale or float where results are replicated": deterministicFolders,
  "the channel's core is synchronous": synchronousCore,
  "brands are made by their owners": brandsAreMadeByTheirOwners,
  "files are small": filesAreSmall(FILE_EXEMPTIONS),
  "functions are small": functionsAreSmall(FUNCTION_EXEMPTIONS),
  "lines are short": linesAreShort,
  "no dead files": noDeadFiles,
  "names say something": namesSaySomething,
  "no leftovers": noLeftovers,
  "no machine or registry is named": noMachineNames,
  "the lock holds no download address": lockHoldsNoAddress,
};
