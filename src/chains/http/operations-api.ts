/**
 * What whoever runs a node asks it: figures at `/metrics` for Prometheus, and at `/health/shards`
 * whether what must hold holds, with status 503 where it does not. Everything else is the API's.
 */
import { type HttpResponse, type JsonValue } from "./message.ts";
import { formatMetrics, type Metric } from "./metrics.ts";
import type { HttpHandler } from "./router.ts";

const OK = 200;
const UNAVAILABLE = 503;
/** The version of the text format. */
const METRICS_TYPE = "text/plain; version=0.0.4; charset=utf-8";

export interface Health {
  readonly isHealthy: boolean;
  readonly json: JsonValue;
}

export interface Operations {
  metrics(): Promise<readonly Metric[]> | readonly Metric[];
  /** Absent where a node has nothing to say of shards. */
  readonly shards?: () => Promise<Health>;
}

/** Answers what `operations` are for, and leaves the rest to `api`. */
export function withOperations(api: HttpHandler, operations: Operations): HttpHandler {
  return async (request) => {
    const path = request.target.split("?")[0];
    if (request.method !== "GET") return api(request);
    if (path === "/metrics") return metricsResponse(await operations.metrics());
    if (path === "/health/shards" && operations.shards !== undefined) {
      return healthResponse(await operations.shards());
    }
    return api(request);
  };
}

function metricsResponse(metrics: readonly Metric[]): HttpResponse {
  const headers = { "content-type": METRICS_TYPE };
  return { status: OK, headers, body: formatMetrics(metrics) };
}

function healthResponse({ isHealthy, json }: Health): HttpResponse {
  const headers = { "content-type": "application/json" };
  return { status: isHealthy ? OK : UNAVAILABLE, headers, body: JSON.stringify(json) };
}
