// Members of one chat group on a chain that is served over HTTP on loopback, each with an adapter
// of its own; the clock of chain and adapters is the test's, the sockets are real.
import { type ChainNode, createFaucetApi, createRestApi, type HttpHandler } from "#chains";
import { type HttpServer, serveHttp } from "#chains-node";
import { aptosLink, type ChainLink } from "#settlement";
import { accountNamed } from "../chains/fixture.ts";
import type { WorldTerms } from "../conformance/settlement-world.ts";
import { memberOf, startWorld, type TestWorld, type WorldChain } from "./world.ts";

const HOST = "127.0.0.1";
const FUNDS = 50_000_000n;
const STEP_MS = 100;
const STEPS_MAX = 3_000;
/** Real time in which an answer on loopback comes; a wait that is held back takes the clock's. */
const ANSWER_MS = 15;
/** Nobody is too fast for a chain whose minutes take a second. */
const RATE = { perSecond: 1_000_000, burst: 1_000_000, clientsMax: 10 };

export interface ServedWorld {
  readonly chain: WorldChain;
  readonly link: ChainLink;
  readonly url: string;
  readonly faucet: string;
  readonly world: TestWorld;
  close(): Promise<void>;
}

export async function serveWorld(terms: WorldTerms = {}): Promise<ServedWorld> {
  const inner = await startWorld(terms);
  const { chain } = inner;
  /** Serves whichever node there is. */
  const serve = (api: (node: ChainNode) => HttpHandler): Promise<HttpServer> => {
    const handlers = new WeakMap<ChainNode, HttpHandler>();
    const handler: HttpHandler = (request) => {
      const node = chain.node.current();
      const current = handlers.get(node) ?? api(node);
      handlers.set(node, current);
      return current(request);
    };
    return serveHttp(handler, { host: HOST, port: 0, limits: { rate: RATE } });
  };
  const [rest, faucet] = [await serve(createRestApi), await serve(createFaucetApi)];
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
      member: async (name, line = (access) => access) => {
        const account = accountNamed(name);
        const own = linkOf();
        links.push(own);
        await during(own.fund(account.address, FUNDS));
        return memberOf(chain, name, () => line(own.access(account)));
      },
    },
    async close() {
      for (const one of links) one.close();
      await Promise.all([rest.close(), faucet.close()]);
      await chain.node.current().close();
    },
  };
}
