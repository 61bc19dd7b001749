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

Deno.test("askBroker() says where to look for a broker whose data was to move", async () => {
  await assert.rejects(
    askBroker("/nonexistent/control", { command: "reload" }),
    /If persistence\.path has changed since it was started, name its socket: --socket PATH/,
  );
});

/** A socket at which `serve` deals with one connection. */
async function withListener(
  serve: (conn: Deno.Conn) => Promise<void>,
  test: (path: string) => Promise<void>,
): Promise<void> {
  const folder = await Deno.makeTempDir();
  const path = `${folder}/control`;
  using listener = Deno.listen({ transport: "unix", path });
  const served = (async () => {
    using conn = await listener.accept();
    await conn.read(new Uint8Array(1000));
    await serve(conn);
  })();
  await test(path);
  await served;
  await Deno.remove(folder, { recursive: true });
}

Deno.test("askBroker() fails when the answer breaks off", async () => {
  await withListener(
    async (conn) => void await conn.write(new TextEncoder().encode('{"item":{"a":1}}\n{"ok"')),
    async (path) => {
      const items: unknown[] = [];
      const take = (item: unknown) => void items.push(item);
      await assert.rejects(
        askBroker(path, { command: "clients" }, { take }),
        /^Error: Cannot read the broker's answer: the connection ended before it did$/,
      );
      assert.deepEqual(items, [{ a: 1 }]);
    },
  );
});

Deno.test("askBroker() does not wait for ever for a broker that stands still", async () => {
  const over = Promise.withResolvers<void>();
  await withListener(() => over.promise, async (path) => {
    await assert.rejects(
      askBroker(path, { command: "status" }, { silenceMs: 1 }),
      (error: unknown) => error instanceof NoBrokerError && /: no answer$/.test(error.message),
    );
    over.resolve();
  });
});

Deno.test("askBroker() says the same of a broker that is killed with the question unread", async () => {
  const folder = await Deno.makeTempDir();
  const path = `${folder}/control`;
  const listener = Deno.listen({ transport: "unix", path });
  const killed = (async () => (await listener.accept()).close())();
  await assert.rejects(
    askBroker(path, { command: "status", arguments: { padding: "x".repeat(1_000_000) } }),
    /^Error: Cannot read the broker's answer: the connection ended before it did$/,
  );
  await killed;
  listener.close();
  await Deno.remove(folder, { recursive: true });
});

Deno.test("askBroker() says that nothing can listen at a path that is too long", async () => {
  await assert.rejects(
    askBroker(`/tmp/${"x".repeat(200)}`, { command: "status" }),
    (error: unknown) =>
      error instanceof NoBrokerError &&
      /: the path of a socket has at most 107 bytes, and this has 205$/.test(error.message),
  );
});

Deno.test("askBroker() says what it asked when the path is nothing of the kind", async () => {
  await assert.rejects(
    askBroker("/dev/null/control", { command: "status" }),
    (error: unknown) =>
      error instanceof NoBrokerError &&
      error.message.startsWith("Cannot ask the broker at '/dev/null/control': "),
  );
});
