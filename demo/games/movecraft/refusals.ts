// What MoveCraft's contract refuses, in words. Walking and building have tables of their own,
// because the modules of heroes and of the land number their refusals each by itself.
import { abortOf, type Refusals } from "../game.ts";

const NO_HERO: Refusals = {
  [abortOf("invalidState", 4)]: {
    what: "The land is not in this channel.",
    remedy: "Open the page again.",
  },
  [abortOf("notFound", 13)]: {
    what: "You have no hero in this land yet.",
    remedy: "Wait until the others have let you in.",
  },
};

export const WALK_REFUSALS: Refusals = {
  ...NO_HERO,
  [abortOf("outOfRange", 1)]: {
    what: "The land ends there.",
    remedy: "Walk another way.",
  },
  [abortOf("invalidArgument", 2)]: {
    what: "That is more than one step away.",
    remedy: "Walk step by step.",
  },
  [abortOf("invalidState", 3)]: {
    what: "That is too steep: nobody climbs two blocks.",
    remedy: "Build a step, or walk around it.",
  },
};

export const BUILD_REFUSALS: Refusals = {
  ...NO_HERO,
  [abortOf("outOfRange", 1)]: {
    what: "The land ends there.",
    remedy: "Build inside of it.",
  },
  [abortOf("invalidArgument", 2)]: {
    what: "That is out of your hero's reach.",
    remedy: "Walk there: a hero reaches five blocks along each axis.",
  },
  [abortOf("invalidState", 3)]: {
    what: "That place is taken.",
    remedy: "Choose one where there is air and no hero of yours.",
  },
  [abortOf("resourceExhausted", 4)]: {
    what: "You have no block of this kind left.",
    remedy: "Take one away somewhere, or choose another kind.",
  },
  [abortOf("permissionDenied", 14)]: {
    what: "Bedrock is the floor of the land: nobody takes it away.",
    remedy: "Leave it where it is.",
  },
};
