// The document of the editor as a tab has it: paragraphs, who writes them, how certain they are.
import type { ChannelEntry, EditorState } from "holdfast";
import type { JsValue } from "holdfast/sandbox";
import { describe, expect, it } from "vitest";
import { createDocumentModel, type DocumentModel } from "../../demo/games/editor/document-model.ts";
import type { PlayerView } from "../../demo/view/player.ts";
import { testCall } from "./calls.ts";

const [YOU, OTHER] = ["0xa", "0xb"];
const heights = { verified: 4n, confirmed: 3n, settled: 1n };

function player(address: string): PlayerView {
  return { seat: 1n, name: address, hue: 0, isYou: address === YOU };
}

function documentOf(...paragraphs: EditorState["paragraphs"]): DocumentModel {
  const model = createDocumentModel(() => player(YOU));
  model.readState({ title: "Minutes", paragraphs }, heights);
  return model;
}

function called(height: bigint, name: string, args: JsValue[], told?: JsValue): ChannelEntry {
  const type = "0x21::editor::ParagraphChanged";
  return {
    height,
    type: "call",
    seat: 1n,
    address: YOU,
    function: name,
    args,
    outcome: { ok: true },
    events: told === undefined ? [] : [{ type, data: told }],
    time: 0,
  };
}

describe("a paragraph", () => {
  const first = { id: 1n, text: "One", editor: undefined };

  it("is as certain as its last change", () => {
    const model = documentOf(first);
    const stageAt = (height: bigint) => {
      model.readEntries([called(height, "paragraph_begin", [1n])]);
      return model.paragraphs(heights, player)[0]?.stage;
    };
    expect([1n, 2n, 3n, 4n].map(stageAt)).toEqual([
      "settled",
      "confirmed",
      "confirmed",
      "verified",
    ]);
  });

  it("is named by the contract's event where the call could not name it", () => {
    const model = documentOf(first);
    model.readEntries([called(2n, "paragraph_insert", [0n], { paragraph_id: 1n })]);
    expect(model.paragraphs(heights, player)[0]?.stage).toBe("confirmed");
    model.revert(1n);
    expect(model.paragraphs(heights, player)[0]?.stage).toBe("verified");
  });

  it("says who writes it, and shows this tab's own words before anybody has them", async () => {
    const model = documentOf(
      { id: 1n, text: "One", editor: OTHER },
      { id: 2n, text: "Two", editor: YOU },
    );
    const call = testCall();
    model.follow({ type: "edit", paragraph: 2n, text: "Two and a half" }, call.handle);
    await call.reach("sequenced");
    const [one, two] = model.paragraphs(heights, player);
    expect(one).toMatchObject({ isMine: false, editor: { name: OTHER }, text: "One" });
    expect(two).toMatchObject({ isMine: true, text: "Two and a half", stage: "sequenced" });
    await call.refuse(new Error("not editing"));
    expect(model.paragraphs(heights, player)[1]).toMatchObject({ text: "Two" });
  });

  it("is this tab's as soon as it is asked for, and not once it is let go", () => {
    const model = documentOf(first);
    model.follow({ type: "begin", paragraph: 1n }, testCall().handle);
    expect(model.paragraphs(heights, player)[0]?.isMine).toBe(true);
    model.follow({ type: "end", paragraph: 1n }, testCall().handle);
    expect(model.paragraphs(heights, player)[0]?.isMine).toBe(false);
  });

  it("that is being inserted stands at its place without a number", async () => {
    const model = documentOf(first);
    const call = testCall();
    model.follow({ type: "insert", place: 0n }, call.handle);
    expect(model.paragraphs(heights, player).map(({ id }) => id)).toEqual([undefined, 1n]);
    await call.reach("verified");
    expect(model.paragraphs(heights, player).map(({ id }) => id)).toEqual([1n]);
  });
});
