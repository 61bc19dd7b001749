/**
 * The control socket: one question, one answer, and what goes wrong.
 */

import assert from "node:assert/strict";
import { askBroker } from "../../src/control/control_client.ts";
import { ControlServer } from "../../src/control/control_server.ts";
import {
  CONTROL_PROTOCOL,
  type ControlRequest,
  MAX_LINE_BYTES,
} from "../../src/control/protocol.ts";

/** Runs `test` with a socket in a folder of its own; `answer` says what was asked. */
async function withServer(
  test: (server: ControlServer, asked: ControlRequest[]) => Promise<void>,
): Promise<void> {
  const folder = await Deno.makeTempDir();
  const asked: ControlRequest[] = [];
  const server = await ControlServer.open(`${folder}/control`, (request) => {
    asked.push(request);
    return Promise.resolve({ ok: true, lines: [`answer ${asked.length}`] });
  });
  try {
    await test(server, asked);
  } finally {
    server.close();
    await Deno.remove(folder, { recursive: true });
  }
}

/** Sends raw text, and returns the whole answer. */
async function send(path: string, text: string): Promise<string> {
  const conn = await Deno.connect({ transport: "unix", path });
  const bytes = new TextEncoder().encode(text);
  let answer = "";
  try {
    for (let at = 0; at < bytes.length;) at += await conn.write(bytes.subarray(at));
    await conn.closeWrite();
    const buffer = new Uint8Array(4096);
    for (let count = await conn.read(buffer); count !== null; count = await conn.read(buffer)) {
      answer += new TextDecoder().decode(buffer.subarray(0, count));
    }
  } catch (error) {
    // The server hangs up on what is too long, with our bytes unread.
    if (
      !(error instanceof Deno.errors.ConnectionReset || error instanceof Deno.errors.BrokenPipe)
    ) {
      throw error;
    }
  }
  conn.close();
  return answer;
}

Deno.test("askBroker() gets the answer to its question", async () => {
  await withServer(async (server, asked) => {
    const reply = await askBroker(server.path, { command: "reload" });
    assert.deepEqual(reply, { ok: true, lines: ["answer 1"] });
    assert.deepEqual(asked, [
      { command: "reload", protocol: CONTROL_PROTOCOL, arguments: {} },
    ]);
  });
});

Deno.test("the control socket answers questions that come together", async () => {
  await withServer(async (server) => {
    const replies = await Promise.all(
      [1, 2, 3].map(() => askBroker(server.path, { command: "reload" })),
    );
    assert.deepEqual(replies.flatMap(({ lines }) => lines).sort(), [
      "answer 1",
      "answer 2",
      "answer 3",
    ]);
  });
});

Deno.test("the control socket is for its owner alone, and gone when it is closed", async () => {
  const folder = await Deno.makeTempDir();
  const path = `${folder}/control`;
  const server = await ControlServer.open(path, () => Promise.resolve({ ok: true, lines: [] }));
  assert.equal(((await Deno.stat(path)).mode ?? 0) & 0o777, 0o600);
  server.close();
  // Removing an empty folder alone works.
  await Deno.remove(folder);
});

Deno.test("the control socket takes the place of one that a crash left behind", async () => {
  const folder = await Deno.makeTempDir();
  const path = `${folder}/control`;
  // A listener takes its file away when it is closed, unless it is not where it was.
  const crashed = Deno.listen({ transport: "unix", path });
  await Deno.rename(path, `${path}.moved`);
  crashed.close();
  await Deno.rename(`${path}.moved`, path);
  assert.ok((await Deno.lstat(path)).isSocket);
  const server = await ControlServer.open(
    path,
    () => Promise.resolve({ ok: true, lines: ["new"] }),
  );
  assert.deepEqual((await askBroker(path, { command: "reload" })).lines, ["new"]);
  await assert.rejects(
    ControlServer.open(path, () => Promise.resolve({ ok: true, lines: [] })),
    Deno.errors.AddrInUse,
  );
  server.close();
  await Deno.remove(folder, { recursive: true });
});

Deno.test("the control socket refuses what it cannot read, and says why", async () => {
  await withServer(async (server, asked) => {
    const answers = [
      await send(server.path, '{"stop":1}\n'),
      await send(server.path, "reload\n"),
      await send(server.path, "7\n"),
    ].map((line) => JSON.parse(line));
    assert.deepEqual(answers, [
      {
        ok: false,
        lines: ["Cannot read the request: it is of another version, or not of this program"],
      },
      { ok: false, lines: ["Cannot read the line: it is not JSON"] },
      { ok: false, lines: ["Cannot read the line: it is not a JSON object"] },
    ]);
    assert.deepEqual(asked, []);
  });
});

Deno.test("the control socket hangs up on a line without an end, and goes on", async () => {
  await withServer(async (server) => {
    assert.equal(await send(server.path, '{"command":"re'), "");
    assert.equal(await send(server.path, "x".repeat(MAX_LINE_BYTES + 100_000)), "");
    assert.deepEqual((await askBroker(server.path, { command: "reload" })).lines, ["answer 1"]);
  });
});

Deno.test("an answer that fails is told with its reason", async () => {
  const folder = await Deno.makeTempDir();
  const server = await ControlServer.open(
    `${folder}/control`,
    () => Promise.reject(new Error("Cannot reload: no file")),
  );
  assert.deepEqual(await askBroker(server.path, { command: "reload" }), {
    ok: false,
    lines: ["Cannot reload: no file"],
  });
  server.close();
  await Deno.remove(folder, { recursive: true });
});

Deno.test("a path that is too long for a socket is refused", async () => {
  await assert.rejects(
    ControlServer.open(`/tmp/${"x".repeat(110)}`, () => Promise.resolve({ ok: true, lines: [] })),
    /the path of a socket has at most 107 bytes, and this has \d+$/,
  );
});

Deno.test("a long answer waits for who reads it, and keeps nobody else waiting", async () => {
  const folder = await Deno.makeTempDir();
  let made = 0;
  const server = await ControlServer.open(`${folder}/control`, async ({ command }, stream) => {
    if (command === "short") return { ok: true, lines: ["short"] };
    for (; made < 10_000; made++) await stream.put({ text: "x".repeat(1000) });
    return { ok: true, lines: [] };
  });
  const halfway = Promise.withResolvers<void>();
  const goOn = Promise.withResolvers<void>();
  let read = 0;
  const long = askBroker(server.path, { command: "long" }, {
    async take() {
      if (++read !== 10) return;
      halfway.resolve();
      await goOn.promise;
    },
  });
  await halfway.promise;
  assert.deepEqual((await askBroker(server.path, { command: "short" })).lines, ["short"]);
  // Nine tenths of 10 MB are neither in the socket nor in memory.
  assert.ok(made < 2000, `${made} items were made`);
  goOn.resolve();
  assert.deepEqual(await long, { ok: true, lines: [] });
  assert.equal(read, 10_000);
  server.close();
  await Deno.remove(folder, { recursive: true });
});

Deno.test("an answer is not made any further when who asked is gone", async () => {
  const folder = await Deno.makeTempDir();
  const stopped = Promise.withResolvers<unknown>();
  const server = await ControlServer.open(`${folder}/control`, async (_request, stream) => {
    try {
      for (;;) await stream.put({ text: "x".repeat(1000) });
    } catch (error) {
      stopped.resolve(error);
      throw error;
    }
  });
  const asked = askBroker(server.path, { command: "endless" }, {
    take: () => Promise.reject(new Error("enough")),
  });
  await assert.rejects(asked, /enough/);
  assert.ok(await stopped.promise instanceof Error);
  server.close();
  await Deno.remove(folder, { recursive: true });
});
