import assert from "node:assert/strict";
import { kick } from "../../../src/cli/control/kick.ts";
import { AnsweringBroker, captured } from "./fixture.ts";

const ITEM = { clientIdentifier: "tv", address: null, disconnected: false, sessionEnded: true };

Deno.test("kick() prints what was done, for people or for programs", async () => {
  await using broker = await AnsweringBroker.start({
    items: [ITEM],
    reply: { ok: true, lines: ["Ended the session of 'tv'"] },
  });
  const request = { client: "tv", session: true, json: false, socket: broker.socket };
  const text = await captured((terminal) => kick(request, terminal));
  assert.deepEqual(text, { exitCode: 0, out: "Ended the session of 'tv'\n", err: "" });
  assert.deepEqual(broker.lastArguments, { client: "tv", session: true });
  const json = await captured((terminal) => kick({ ...request, json: true }, terminal));
  assert.deepEqual(JSON.parse(json.out), ITEM);
});

Deno.test("kick() ends with 1 when there is nobody, and says who is near", async () => {
  await using broker = await AnsweringBroker.start({
    reply: { ok: false, lines: ["There is no client 'tw' (did you mean 'tv'?)"] },
  });
  const request = { client: "tw", session: false, json: true, socket: broker.socket };
  assert.deepEqual(await captured((terminal) => kick(request, terminal)), {
    exitCode: 1,
    out: "",
    err: "There is no client 'tw' (did you mean 'tv'?)\n",
  });
});
