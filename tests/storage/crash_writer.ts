/**
 * A process for the crash test: writes batch after batch to the store at its first argument, and
 * prints the number of each that was reported as committed, until it is killed.
 *
 * Batch N puts ten messages "N/0" to "N/9" into two sessions, a retained message, and takes away
 * the messages of batch N - 3. So a file that has batch N and nothing later has exactly the batches
 * N - 2 to N.
 */
import type { Outgoing } from "../../src/broker/outgoing.ts";
import { openStore } from "../../src/storage/store.ts";
import { newMessage, newOutgoing, restore } from "./fixture.ts";
import { Core } from "../support/core.ts";
import { newSession } from "./fixture.ts";

const MESSAGES = 10;
const KEPT_BATCHES = 3;

async function write(path: string): Promise<void> {
  const store = await openStore({
    path,
    durability: "full",
    commitIntervalMs: 0,
    nowMs: () => performance.now(),
    wallMs: Date.now,
  });
  const { journal, state } = store;
  const core = new Core();
  const restored = restore(state, journal, core);
  const one = restored.get("one")?.session ?? newSession("one", core);
  const two = restored.get("two")?.session ?? newSession("two", core);
  const sessions = [one, two];
  const waiting = sessions.map(({ clientIdentifier }) =>
    restored.get(clientIdentifier)?.outgoing ?? []
  );
  for (let batch = lastBatch(waiting[0] ?? []) + 1;; batch++) {
    for (let number = 0; number < MESSAGES; number++) {
      const message = newMessage("t", `${batch}/${number}`);
      sessions.forEach((session, index) => {
        const outgoing = newOutgoing(message);
        waiting[index]?.push(outgoing);
        journal.addOutgoing(session, outgoing);
      });
    }
    sessions.forEach((session, index) => {
      const done = waiting[index] ?? [];
      while (done.length > KEPT_BATCHES * MESSAGES) {
        journal.removeOutgoing(session, done.shift() as Outgoing);
      }
    });
    journal.saveRetained(newMessage("retained", `${batch}`));
    await journal.settled();
    await Deno.stdout.write(new TextEncoder().encode(`${batch}\n`));
  }
}

function lastBatch(outgoing: readonly Outgoing[]): number {
  const last = outgoing.at(-1);
  return last === undefined ? 0 : Number.parseInt(new TextDecoder().decode(last.message.payload));
}

if (import.meta.main) await write(Deno.args[0] as string);
