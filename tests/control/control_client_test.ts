/**
 * Asking a broker, and what is said when there is none.
 */

import assert from "node:assert/strict";
import { askBroker, NoBrokerError } from "../../src/control/control_client.ts";

Deno.test("askBroker() says that no broker runs", async () => {
  await assert.rejects(
    askBroker("/nonexistent/control", { command: "reload" }),
    (error: unknown) => error instanceof NoBrokerError && /Is it running/.test(error.message),
  );
});

Deno.test("askBroker() does not take what it cannot read for an answer", async () => {
  const folder = await Deno.makeTempDir();
  const path = `${folder}/control`;
  const listener = Deno.listen({ transport: "unix", path });
  const answered = (async () => {
    using conn = await listener.accept();
    await conn.read(new Uint8Array(100));
    await conn.write(new TextEncoder().encode('{"ok":"yes"}\n'));
  })();
  await assert.rejects(askBroker(path, { command: "reload" }), /it is of another version/);
  await answered;
  listener.close();
  await Deno.remove(folder, { recursive: true });
});
