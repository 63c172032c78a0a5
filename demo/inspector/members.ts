// Who sits at the table, who leads, who is alive, and how this tab reaches them.
import { element, setAttribute, setText } from "../shell/element.ts";
import { icon } from "../shell/icons.ts";
import { keyedList } from "../shell/keyed-list.ts";
import { ago, initials, shortHex } from "../shell/wording.ts";
import type { Part } from "../view/part.ts";
import type { MemberView, Route } from "../view/player.ts";
import type { View } from "../view/view.ts";
import { section } from "./section.ts";

export function createMembers(): Part<View> {
  const list = keyedList<MemberView>(element("ul", { class: "members" }), {
    key: (member) => String(member.seat),
    create: createMember,
  });
  const none = element("p", { class: "panel-empty" });
  const panel = section("Players", none, list.element);
  return {
    element: panel,
    update(view) {
      const members = view.channel?.members ?? [];
      none.hidden = members.length > 0;
      const isStarting = view.standing.type === "starting";
      setText(none, isStarting ? "Nobody sits at the table yet." : "This tab sees no table.");
      list.update(members);
    },
  };
}

function createMember(): Part<MemberView> {
  const avatar = element("span", { class: "avatar", attributes: { "aria-hidden": "true" } });
  const name = element("span", { class: "member-name" });
  const crown = element(
    "span",
    { class: "member-crown", attributes: { title: "Leads: puts moves in order" } },
    icon("crown"),
    element("span", { class: "visually-hidden", text: "leads" }),
  );
  const seat = element("span", { class: "member-seat" });
  const route = element("span", { class: "member-route", attributes: { "data-testid": "route" } });
  const row = element(
    "li",
    { class: "member", attributes: { "data-testid": "member" } },
    avatar,
    element(
      "span",
      { class: "member-text" },
      element("span", { class: "member-head" }, name, crown),
      seat,
    ),
    route,
  );
  return {
    element: row,
    update(member) {
      row.style.setProperty("--player-hue", String(member.hue));
      setAttribute(row, "data-seat", String(member.seat));
      setAttribute(row, "data-name", member.name);
      setAttribute(row, "data-you", member.isYou ? "" : undefined);
      setAttribute(row, "data-leader", member.isLeader ? "" : undefined);
      setAttribute(row, "data-presence", member.presence);
      setAttribute(row, "title", `Account ${member.address}`);
      setText(avatar, initials(member.name));
      setText(name, member.isYou ? `${member.name} (you)` : member.name);
      crown.hidden = !member.isLeader;
      setText(seat, `seat ${member.seat} · ${shortHex(member.address)}`);
      setText(route, presenceText(member));
    },
  };
}

function presenceText(member: MemberView): string {
  if (member.presence === "joining" || member.presence === "out") return member.presence;
  if (member.isYou) return "this tab";
  if (member.presence === "silent") {
    return member.seenMsAgo === undefined ? "silent" : `silent, ${ago(member.seenMsAgo)}`;
  }
  return routeText(member.route);
}

function routeText(route: Route): string {
  switch (route.type) {
    case "self":
      return "this tab";
    case "none":
      return "no route";
    case "direct":
      return `direct${delayText(route.delayMs)}`;
    case "relay":
      return `via ${route.via}${delayText(route.delayMs)}`;
  }
}

function delayText(delayMs: number | undefined): string {
  if (delayMs === undefined) return " · measuring";
  return ` · ${delayMs < 1 ? "<1" : Math.round(delayMs)} ms`;
}
