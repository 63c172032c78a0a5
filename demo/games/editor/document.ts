// The document: its title, its paragraphs, and the places where another one can go.
import type { Channel, EditorCalls, EditorState } from "holdfast";
import { element, setAttribute, setText } from "../../shell/element.ts";
import { keyedList } from "../../shell/keyed-list.ts";
import { createLegend } from "../../shell/legend.ts";
import type { View } from "../../view/view.ts";
import type { GameBoard, GameHost } from "../game.ts";
import {
  createDocumentModel,
  type DocumentModel,
  PARAGRAPHS_MAX,
  type ParagraphView,
} from "./document-model.ts";
import { createParagraph, type ParagraphMoves, type ShownParagraph } from "./paragraph.ts";
import { type EditorChannel, hearDocument, movesIn } from "./writing.ts";

export function createDocument(host: GameHost): GameBoard<EditorState, EditorCalls> {
  let you: View["you"] | undefined;
  const own = () => you ?? host.playerOf("");
  let model: DocumentModel = createDocumentModel(own);
  let channel: EditorChannel | undefined;
  const moves: ParagraphMoves = movesIn(
    () => channel,
    () => model,
    host,
  );
  const paper = createPaper(moves);
  return {
    element: paper.element,
    sit(sat: Channel<EditorState, EditorCalls>) {
      channel = sat;
      model = createDocumentModel(own);
      hearDocument(sat, model, host);
    },
    rise() {
      channel = undefined;
    },
    isEmpty: () => model.title === undefined,
    update(view) {
      you = view.you;
      const heights = view.channel?.heights;
      const paragraphs = heights === undefined ? [] : model.paragraphs(heights, host.playerOf);
      if (heights !== undefined) paper.update(view, model.title ?? "", paragraphs);
      paper.setPlaying(view.standing.type === "playing");
    },
  };
}

function createPaper(moves: ParagraphMoves) {
  const title = element("h2", { class: "document-title", attributes: { "data-testid": "title" } });
  const list = keyedList<ShownParagraph>(
    element("ol", { class: "paragraphs", attributes: { "aria-label": "Paragraphs" } }),
    { key: ({ view }) => view.key, create: () => createParagraph(moves) },
  );
  const empty = element("p", {
    class: "document-empty",
    text: "An empty page. Everybody writes here, one in each paragraph.",
  });
  const add = element("button", {
    class: "button button-quiet document-add",
    text: "Add a paragraph",
    attributes: { type: "button", "data-testid": "add-paragraph" },
    onClick: () => moves.insert(undefined),
  });
  const another = element("a", {
    class: "button button-quiet",
    text: "Open another player",
    attributes: { target: "_blank", rel: "noopener", "data-testid": "another" },
  });
  const paper = element(
    "div",
    { class: "document-scroll", attributes: { tabindex: "-1" } },
    element(
      "article",
      { class: "document" },
      title,
      empty,
      list.element,
      element("div", { class: "document-buttons" }, add, another),
    ),
  );
  const board = element(
    "section",
    { class: "editor", attributes: { "aria-label": "Document" } },
    paper,
    createLegend(),
  );
  return {
    element: board,
    setPlaying(isPlaying: boolean) {
      paper.inert = !isPlaying;
    },
    update(view: View, name: string, paragraphs: readonly ParagraphView[]) {
      setText(title, name);
      empty.hidden = paragraphs.length > 0;
      another.hidden = (view.channel?.members.length ?? 0) > 1;
      setAttribute(another, "href", view.inviteUrl);
      add.disabled = paragraphs.length >= PARAGRAPHS_MAX;
      setAttribute(add, "title", add.disabled ? `There are ${PARAGRAPHS_MAX} already` : undefined);
      list.update(paragraphs.map((one, place) => ({ view: one, place })));
    },
  };
}
