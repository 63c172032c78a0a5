import { beforeAll, describe, expect, it } from "vitest";
import { present } from "#core/assert.ts";
import { acknowledge } from "../../../src/channel/core/acknowledgement.ts";
import { applyForLead } from "../../../src/channel/core/election.ts";
import { showConfirmed } from "../../../src/channel/core/exclusion.ts";
import { bestCertified, inForce } from "../../../src/channel/core/members.ts";
import type { Machine } from "../../../src/channel/core/state.ts";
import type { World } from "../../simulation/world.ts";
import { commandsOf, see, sentBy, standIn, worldOf } from "./stand-in.ts";

const WINDOW_MS = 10_000n;

let three: World;

beforeAll(async () => {
  three = await worldOf(3, 64);
});

/** A node of three that sees seat 1 punished just now, and the chain behind its certificates. */
function seeing(name: string): Machine {
  const machine = standIn(three.node(name));
  const { chain } = machine;
  const exclusions = [{ seat: 1n, due: chain.now + WINDOW_MS }];
  see(machine, { leader: undefined, exclusions, fence: chain.settled.header });
  machine.effects = [];
  return machine;
}

describe("while a punished seat's window is open", () => {
  it.each(["n2", "n3"])("[CF18] %s shows the chain its highest certificate at once", (name) => {
    const machine = seeing(name);
    showConfirmed(machine);
    const [command] = commandsOf(machine);
    if (command?.type !== "postCertificate") throw new Error("nothing was shown");
    expect(command.candidacy.certificate?.ack.header).toEqual(bestCertified(machine).ref);
    machine.effects = [];
    showConfirmed(machine);
    expect(commandsOf(machine)).toEqual([]);
  });

  it("[CF18] shows nothing that the chain knows, and nothing without a punished seat", () => {
    const knowing = seeing("n2");
    see(knowing, { fence: bestCertified(knowing).ref, configuration: inForce(knowing) });
    showConfirmed(knowing);
    expect(commandsOf(knowing)).toEqual([]);
    const calm = seeing("n2");
    see(calm, { exclusions: [] });
    showConfirmed(calm);
    expect(commandsOf(calm)).toEqual([]);
  });

  it("[CF18] nobody acks, and nobody applies for the lead before it is over", () => {
    const machine = seeing("n2");
    acknowledge(machine);
    expect(sentBy(machine)).toEqual([]);
    const apply = () => {
      machine.effects = [];
      machine.now += 60_000n;
      applyForLead(machine);
      machine.now += 60_000n;
      applyForLead(machine);
      return commandsOf(machine).map(({ type }) => type);
    };
    expect(apply()).toEqual([]);
    const [exclusion] = machine.chain.exclusions;
    const { due } = present(exclusion, "an exclusion");
    const members = machine.chain.members.map((member) => ({ ...member, lastAlive: due }));
    see(machine, { now: due, members });
    expect(apply()).toEqual(["applyLeader"]);
  });
});
