/**
 * Retained messages are stored with the time when they came. Where the wall's clock was wrong then, as
 * on a machine that has none of its own and has just started, they are stored again with the right one:
 * else they would look years old after the next start.
 *
 * Owns the order, and that no client notices. Expiry is dated anew by the journal itself.
 */

import type { Broker } from "../broker/broker.ts";
import { Turns } from "../control/turns.ts";

/**
 * Saves those that came after `startedSeconds` of the broker's clock. Those before it have their time
 * from the file. Ends early when `isOver`.
 */
export async function saveRetainedAgain(
  broker: Broker,
  startedSeconds: number,
  isOver: () => boolean,
): Promise<void> {
  const turns = new Turns();
  for (const message of broker.retained.values()) {
    if (message.retainedAtSeconds >= startedSeconds && !message.topic.isSystem) {
      broker.journal.saveRetained(message);
    }
    const others = turns.rest();
    if (others !== undefined) await others;
    if (isOver()) return;
  }
}
