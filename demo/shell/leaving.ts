// Settling, and the ways out of the channel: with the others, without them, and for everybody.

import type { Actions } from "../view/actions.ts";
import type { ChannelView } from "../view/channel.ts";
import type { Request, View } from "../view/view.ts";
import { ask } from "./confirmation.ts";
import { element, setText } from "./element.ts";
import { createMenu } from "./menu.ts";
import { amount } from "./wording.ts";

const SECOND_MS = 1_000;

type ExitTerms = ChannelView["exit"];

export interface Leaving {
  readonly settle: HTMLButtonElement;
  readonly more: HTMLElement;
  update(view: View, isPlaying: boolean): void;
}

export function createLeaving(actions: Actions): Leaving {
  let exit: ExitTerms | undefined;
  const settle = element("button", {
    class: "button button-primary",
    text: "Settle",
    attributes: {
      type: "button",
      "data-testid": "settle",
      title: "Propose that the chain takes over what is confirmed",
    },
    onClick: () => actions.request("settle"),
  });
  const menu = createMenu("Leave", "leave-menu", [
    {
      label: "Leave the channel",
      hint: "Settles, and returns your stake",
      testId: "leave",
      choose: () => askToLeave(actions),
    },
    {
      label: "Leave without the others",
      hint: "When too few of them act; takes a bond and a wait",
      testId: "exit",
      choose: () => askToExit(actions, exit),
    },
    {
      label: "Close the channel",
      hint: "Ends it for everybody; for its creator",
      testId: "close",
      choose: () => askToClose(actions),
    },
  ]);
  return {
    settle,
    more: menu.element,
    update(view: View, isPlaying: boolean) {
      const isFree = (request: Request) => isPlaying && !view.busy.includes(request);
      settle.disabled = !isFree("settle");
      setText(settle, view.busy.includes("settle") ? "Settling…" : "Settle");
      const leave = menu.entries.get("leave");
      const close = menu.entries.get("close");
      const alone = menu.entries.get("exit");
      exit = view.channel?.exit;
      menu.setIdle(!isPlaying);
      if (leave !== undefined) leave.disabled = !isFree("leave");
      // Who is alone leaves by closing.
      const isAlone = (view.channel?.members.length ?? 0) < 2;
      if (alone !== undefined) alone.disabled = !isFree("exit") || isAlone;
      if (close !== undefined) close.disabled = !isFree("close") || view.channel?.canClose !== true;
    },
  };
}

function askToLeave(actions: Actions): void {
  ask({
    title: "Leave the channel?",
    text: "What is confirmed is settled first. Then the chain returns your stake to your purse.",
    confirmLabel: "Leave",
    onConfirm: () => actions.request("leave"),
  });
}

function askToExit(actions: Actions, exit: ExitTerms | undefined): void {
  if (exit === undefined) return;
  const seconds = Math.ceil(exit.windowMs / SECOND_MS);
  ask({
    title: "Leave without the others?",
    text:
      `The chain takes a bond of ${amount(exit.bond)} and waits ${seconds} s for anybody to show ` +
      "a later confirmed state than yours. Then it pays your stake as of the latest, and the " +
      "bond back: unless you were shown to have known a later one, which costs you the bond.",
    confirmLabel: "Leave alone",
    onConfirm: () => actions.request("exit"),
  });
}

function askToClose(actions: Actions): void {
  ask({
    title: "Close the channel for everybody?",
    text: "The last settlement stays on the chain, and every player's stake is returned.",
    confirmLabel: "Close channel",
    onConfirm: () => actions.request("close"),
  });
}
