// Members of one chat group on a chain that is served over HTTP on loopback, each with an adapter
// of its own; the clock of chain and adapters is the test's, the sockets are real.
import { createFaucetApi, createRestApi } from "#chains";
import { type HttpServer, serveHttp } from "#chains-node";
import { aptosLink, type ChainLink } from "#settlement";
import { accountNamed, type TestChain } from "../chains/fixture.ts";
import { memberOf, startWorld, type TestWorld } from "./world.ts";

const HOST = "127.0.0.1";
const FUNDS = 50_000_000n;
const STEP_MS = 100;
const STEPS_MAX = 3_000;
/** Real time in which an answer on loopback comes; a wait that is held back takes the clock's. */
const ANSWER_MS = 15;
/** Nobody is too fast for a chain whose minutes take a second. */
const RATE = { perSecond: 1_000_000, burst: 1_000_000, clientsMax: 10 };

export interface ServedWorld {
  readonly chain: TestChain;
  readonly link: ChainLink;
  readonly url: string;
  readonly faucet: string;
  readonly world: TestWorld;
  close(): Promise<void>;
}

export async function serveWorld(): Promise<ServedWorld> {
  const inner = await startWorld();
  const { chain } = inner;
  const serve = (handler: Parameters<typeof serveHttp>[0]): Promise<HttpServer> =>
    serveHttp(handler, { host: HOST, port: 0, limits: { rate: RATE } });
  const [rest, faucet] = [
    await serve(createRestApi(chain.node)),
    await serve(createFaucetApi(chain.node)),
  ];
  let underWay = 0;
  const counted = async (url: string, init: RequestInit) => {
    underWay += 1;
    try {
      const response = await fetch(url, init);
      const text = await response.text();
      return new Response(text, { status: response.status, headers: response.headers });
    } finally {
      underWay -= 1;
    }
  };

  /** Lets answers come in that are on their way. */
  async function breathe(): Promise<void> {
    const until = performance.now() + ANSWER_MS;
    do await new Promise((resolve) => setTimeout(resolve));
    while (underWay > 0 && performance.now() < until);
  }

  async function during<T>(work: Promise<T>): Promise<T> {
    let done = false;
    const watched = work.finally(() => {
      done = true;
    });
    watched.catch(() => undefined);
    for (let step = 0; step < STEPS_MAX && !done; step++) {
      await breathe();
      if (!done) await chain.clock.advance(STEP_MS);
    }
    return watched;
  }

  async function pass(ms: number): Promise<void> {
    for (let passed = 0; passed < ms; passed += STEP_MS) {
      await chain.clock.advance(STEP_MS);
      await breathe();
    }
  }

  const linkOf = () => {
    const { clock } = chain;
    return aptosLink({ url: rest.url, faucet: faucet.url, clock, fetch: counted });
  };
  const links: ChainLink[] = [linkOf()];
  const link = links[0] ?? linkOf();

  return {
    chain,
    link,
    url: rest.url,
    faucet: faucet.url,
    world: {
      ...inner,
      during,
      pass,
      member: async (name) => {
        const account = accountNamed(name);
        const own = linkOf();
        links.push(own);
        await during(own.fund(account.address, FUNDS));
        return memberOf(chain, name, () => own.access(account));
      },
    },
    async close() {
      for (const one of links) one.close();
      await Promise.all([rest.close(), faucet.close()]);
      await chain.node.close();
    },
  };
}
