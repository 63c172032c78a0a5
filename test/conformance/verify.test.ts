// Every module of the committed conformance corpus, judged as a native Move VM judged it.
import { describe, expect, it } from "vitest";
import { judgeAll, runVerifyCorpus } from "./verify-corpus.ts";

const CORPUS = new URL("../vectors/vm-conformance", import.meta.url).pathname;
/** One mutation differs, in metadata that the native VM reads and this one does not. */
const MUTATION_STATUS_SHARE_MIN = 0.99;

describe("the verifier on the conformance corpus", () => {
  it.each(judgeAll(CORPUS).map((verdict) => [verdict.row.file, verdict] as const))(
    "%s",
    (_file, { row, status, detail, passes }) => {
      const accepted = [row.expect, ...(row.accept ?? [])];
      expect(passes, `${status} (${detail}), expected ${accepted.join(" or ")}`).toBe(true);
    },
  );

  it("has the modules that the corpus promises", () => {
    const report = runVerifyCorpus(CORPUS);
    expect(report).toMatchObject({ verify: 599, verifyPassed: 599, failures: [] });
    expect(report?.mutationStatusShare).toBeGreaterThan(MUTATION_STATUS_SHARE_MIN);
  });

  it("says nothing of a corpus without modules to judge", () => {
    expect(runVerifyCorpus(`${CORPUS}/modules`)).toBeUndefined();
  });
});
