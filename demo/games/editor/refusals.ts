// What the editor's contract refuses, in words: its error codes and what to do about each.
import { abortOf, type Refusals } from "../game.ts";

export const EDITOR_REFUSALS: Refusals = {
  [abortOf("invalidState", 9)]: {
    what: "The document is not open in this channel.",
    remedy: "Open the page again.",
  },
  [abortOf("notFound", 11)]: {
    what: "That paragraph is gone: somebody has deleted it.",
    remedy: "Write another one.",
  },
  [abortOf("invalidState", 12)]: {
    what: "Somebody else is writing that paragraph.",
    remedy: "Wait until it is let go: at the latest half a minute after the last word.",
  },
  [abortOf("permissionDenied", 13)]: {
    what: "You do not hold that paragraph any more.",
    remedy: "Take it again: who writes nothing for half a minute loses it.",
  },
  [abortOf("invalidArgument", 14)]: {
    what: "A paragraph has at most 512 bytes.",
    remedy: "Go on in another paragraph.",
  },
  [abortOf("resourceExhausted", 15)]: {
    what: "The document is full: it has 24 paragraphs.",
    remedy: "Delete one first.",
  },
  [abortOf("outOfRange", 16)]: {
    what: "There is no such place any more: paragraphs above it were deleted.",
    remedy: "Insert it again.",
  },
};
