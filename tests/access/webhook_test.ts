import assert from "node:assert/strict";
import type { LoginRequest, MethodAnswer } from "../../src/access/login_method.ts";
import { WebhookLogin, type WebhookOptions } from "../../src/access/webhook.ts";
import { requestWith } from "./jwt_fixture.ts";
import { type Asked, json, WebhookServer } from "./webhook_server.ts";

/** Milliseconds that no test waits for. */
const LONG_MS = 60_000;

/** A login that is closed when the test is over, with a clock that is moved by hand. */
function newLogin(server: WebhookServer, options: Partial<WebhookOptions> = {}) {
  const clock = { nowMs: 0 };
  const login = new WebhookLogin({
    url: server.url,
    timeoutMs: LONG_MS,
    cacheMs: 1000,
    now: () => clock.nowMs,
    ...options,
  });
  return { login, clock, [Symbol.dispose]: () => login.close() };
}

function request(username?: string, password?: string | Uint8Array): LoginRequest {
  return requestWith(password, username);
}

/** Allows who knows the password "right". */
function usual({ body }: Asked): Response {
  const { password } = JSON.parse(body) as { password: unknown };
  return json({ result: password === "right" ? "allow" : "deny" });
}

const ALLOWED: MethodAnswer = { kind: "proven", username: "ann", groups: [] };
const DENIED: MethodAnswer = { kind: "refused", cause: "the webhook denied it" };

Deno.test("the webhook is told everything about the login", async () => {
  await using server = new WebhookServer(() => json({ result: "allow", username: "x" }));
  using test = newLogin(server);
  assert.equal(test.login.name, "http");
  const plain = request("ann", "s\u00e9cret");
  await test.login.check(plain);
  const certificate = { commonName: "lamp", subject: "CN=lamp", subjectAltNames: ["DNS:lamp"] };
  const origin = { ...plain.origin, certificate };
  await test.login.check({ ...plain, username: undefined, password: Uint8Array.of(0xff), origin });
  const where = { address: "192.0.2.7", listener: "garden", isEncrypted: true };
  const what = { clientIdentifier: "lamp", protocolVersion: 5 };
  assert.deepEqual(server.asked.map(({ body }) => JSON.parse(body)), [
    { username: "ann", password: "s\u00e9cret", ...what, ...where, certificate: null },
    { username: null, password: null, passwordBase64: "/w==", ...what, ...where, certificate },
  ]);
});

Deno.test("who was allowed is not asked about again for a while; who was denied is", async () => {
  await using server = new WebhookServer(usual);
  using test = newLogin(server);
  for (let time = 0; time < 2; time++) {
    assert.deepEqual(await test.login.check(request("ann", "right")), ALLOWED);
  }
  assert.equal(server.asked.length, 1);
  for (let time = 0; time < 2; time++) {
    assert.deepEqual(await test.login.check(request("ann", "wrong")), DENIED);
  }
  assert.equal(server.asked.length, 3);
  test.clock.nowMs += 1000;
  await test.login.check(request("ann", "right"));
  assert.equal(server.asked.length, 4);
  test.login.forget();
  await test.login.check(request("ann", "right"));
  assert.equal(server.asked.length, 5);
});

Deno.test("any difference makes another question", async () => {
  await using server = new WebhookServer(usual);
  using test = newLogin(server);
  const one = request("ann", "right");
  const { origin } = one;
  const others: LoginRequest[] = [
    one,
    { ...one, username: "bob" },
    { ...one, clientIdentifier: "other" },
    { ...one, protocolVersion: 4 },
    { ...one, origin: { ...origin, address: "192.0.2.8" } },
    { ...one, origin: { ...origin, isEncrypted: false } },
    { ...one, origin: { ...origin, listener: { ...origin.listener, name: "other" } } },
  ];
  for (const other of [...others, ...others]) await test.login.check(other);
  assert.equal(server.asked.length, others.length);
});

Deno.test("equal questions at the same time are one request", async () => {
  const end = Promise.withResolvers<void>();
  await using server = new WebhookServer(async (asked) => {
    await end.promise;
    return usual(asked);
  });
  using test = newLogin(server, { cacheMs: 0 });
  const answers = ["right", "right", "wrong", "right"].map((password) =>
    test.login.check(request("ann", password))
  );
  end.resolve();
  assert.deepEqual(await Promise.all(answers), [ALLOWED, ALLOWED, DENIED, ALLOWED]);
  assert.equal(server.asked.length, 2);
  await test.login.check(request("ann", "right"));
  assert.equal(server.asked.length, 3);
});

Deno.test("no more than a few requests run at once, some wait, and the rest is busy", async () => {
  const end = Promise.withResolvers<void>();
  const two = Promise.withResolvers<void>();
  await using server = new WebhookServer(async (asked) => {
    if (server.asked.length === 2) two.resolve();
    await end.promise;
    return usual(asked);
  });
  using test = newLogin(server, { maximumRunning: 2, maximumWaiting: 3 });
  const answers = Array.from(
    { length: 7 },
    (_, number) => test.login.check(request(`user${number}`, "right")),
  );
  assert.deepEqual(await answers[6], {
    kind: "unavailable",
    cause: "Cannot ask the webhook: too many questions wait for it already",
  });
  await two.promise;
  end.resolve();
  const kinds = (await Promise.all(answers)).map(({ kind }) => kind);
  assert.deepEqual(kinds, [...Array(5).fill("proven"), "unavailable", "unavailable"]);
  assert.deepEqual([server.asked.length, server.mostAtOnce], [5, 2]);
});

Deno.test("without an answer in time nobody gets in, and the next one is asked about anew", async () => {
  const end = Promise.withResolvers<Response>();
  await using server = new WebhookServer(() => end.promise);
  using test = newLogin(server, { timeoutMs: 50, maximumRunning: 1 });
  const late = { kind: "unavailable", cause: "Cannot ask the webhook: no answer within 0.05 s" };
  // The second waits for its turn, and its time runs meanwhile.
  const answers = [request("ann", "right"), request("bob", "right")].map((one) =>
    test.login.check(one)
  );
  assert.deepEqual(await Promise.all(answers), [late, late]);
  end.resolve(json({}));
  server.answering = usual;
  const patient = newLogin(server);
  assert.deepEqual(await patient.login.check(request("ann", "right")), ALLOWED);
  patient.login.close();
});

Deno.test("a server that is away, or that cannot answer, lets nobody in", async () => {
  const server = new WebhookServer(() => new Response("oops", { status: 500 }));
  using test = newLogin(server);
  assert.deepEqual(await test.login.check(request("ann", "right")), {
    kind: "unavailable",
    cause: "Cannot ask the webhook: it answered with status 500",
  });
  await server[Symbol.asyncDispose]();
  const answer = await test.login.check(request("ann", "right"));
  assert.equal(answer.kind, "unavailable");
  assert.ok(
    "cause" in answer && /^Cannot ask the webhook: .*(?:refused|closed)/i.test(answer.cause),
  );
});

Deno.test("close() ends what is being asked", async () => {
  const asked = Promise.withResolvers<void>();
  const end = Promise.withResolvers<Response>();
  await using server = new WebhookServer(() => {
    asked.resolve();
    return end.promise;
  });
  const { login } = newLogin(server, { maximumRunning: 1 });
  const answers = [login.check(request("ann")), login.check(request("bob"))];
  await asked.promise;
  login.close();
  const cause = "Cannot ask the webhook: the broker is ending";
  assert.deepEqual(await Promise.all(answers), Array(2).fill({ kind: "unavailable", cause }));
  end.resolve(json({}));
});
