/**
 * A session whose client is away, for tests of what waits for it.
 */

import type { BrokerLimits } from "../../src/broker/limits.ts";
import { Core } from "../support/core.ts";
import type { FakeClient } from "../support/fake_client.ts";

/** A session whose client is away, and a publisher; events so far are forgotten. */
export function withAway(limits: Partial<BrokerLimits>): [Core, FakeClient, FakeClient] {
  const core = new Core(limits);
  const client = core.connectKept("a").subscribed("t");
  client.lose();
  const publisher = core.connect("publisher");
  core.events.take();
  return [core, client, publisher];
}

export function publishNumbers(publisher: FakeClient, count: number, qos: 0 | 1): void {
  for (let number = 1; number <= count; number++) publisher.publish("t", `${number}`, { qos });
}

/** The payloads that a client gets when it comes back. */
export function payloadsOf(client: FakeClient): (string | undefined)[] {
  return client.messages().map((text) => text.split(" ")[1]);
}
