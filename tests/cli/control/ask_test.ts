import assert from "node:assert/strict";
import { ask, askForOne } from "../../../src/cli/control/ask.ts";
import { CONTROL_PROTOCOL } from "../../../src/control/protocol.ts";
import { AnsweringBroker, captured } from "./fixture.ts";

Deno.test("ask() asks with what was given, and hands over the items", async () => {
  await using broker = await AnsweringBroker.start({ items: [{ a: 1 }, { a: 2 }] });
  const items: unknown[] = [];
  const question = { command: "clients", arguments: { all: true, user: undefined } } as const;
  const { exitCode, err } = await captured(async (terminal) => {
    const take = (item: unknown) => void items.push(item);
    return (await ask({ socket: broker.socket }, question, terminal, take)).exitCode;
  });
  assert.deepEqual([exitCode, err], [0, ""]);
  assert.deepEqual(items, [{ a: 1 }, { a: 2 }]);
  assert.deepEqual(broker.asked, [
    { command: "clients", protocol: CONTROL_PROTOCOL, arguments: { all: true } },
  ]);
});

Deno.test("ask() ends with 1 when the broker refuses, and says why", async () => {
  await using broker = await AnsweringBroker.start({ reply: { ok: false, lines: ["No\x1b"] } });
  const { exitCode, out, err } = await captured(async (terminal) => {
    const question = { command: "kick" } as const;
    return (await ask({ socket: broker.socket }, question, terminal, () => {})).exitCode;
  });
  assert.deepEqual([exitCode, out, err], [1, "", "No\\x1b\n"]);
});

Deno.test("ask() ends with 1 when no broker is there", async () => {
  const { exitCode, err } = await captured(async (terminal) => {
    const flags = { socket: "/nonexistent/control" };
    return (await ask(flags, { command: "status" }, terminal, () => {})).exitCode;
  });
  assert.equal(exitCode, 1);
  assert.match(err, /^Cannot ask the broker: none listens at '\/nonexistent\/control'/);
});

Deno.test("askForOne() gives the item of an answer, or none", async () => {
  await using broker = await AnsweringBroker.start({ items: [{ a: 1 }] }, {});
  const found: unknown[] = [];
  for (let times = 0; times < 2; times++) {
    await captured(async (terminal) => {
      const flags = { socket: broker.socket };
      const { item, exitCode } = await askForOne(flags, { command: "status" }, terminal);
      found.push(item);
      return exitCode;
    });
  }
  assert.deepEqual(found, [{ a: 1 }, undefined]);
});
