import assert from "node:assert/strict";
import { MAXIMUM_ANSWER_BYTES, WebhookClient } from "../../src/access/webhook_client.ts";
import { testCa, testServer } from "../support/certificates.ts";
import { json, WebhookServer } from "./webhook_server.ts";

const never = new AbortController().signal;

/** A client that is closed when the test is over. */
function newClient(options: ConstructorParameters<typeof WebhookClient>[0]) {
  const client = new WebhookClient(options);
  return Object.assign(client, { [Symbol.dispose]: () => client.close() });
}

Deno.test("a question is a POST of JSON with the configured Authorization", async () => {
  await using server = new WebhookServer(() => json({ a: 1 }));
  using client = newClient({ url: `${server.url}?x=1#y`, authorization: "Bearer s3cret" });
  const { status, body } = await client.post('{"b":2}', never);
  assert.deepEqual([status, new TextDecoder().decode(body)], [200, '{"a":1}']);
  const [{ method, path, headers, body: sent } = { headers: new Headers() } as never] =
    server.asked;
  assert.deepEqual([method, path, sent], ["POST", "/login", '{"b":2}']);
  assert.deepEqual(
    ["authorization", "content-type", "accept"].map((name) => headers.get(name)),
    ["Bearer s3cret", "application/json", "application/json"],
  );
});

Deno.test("a redirect is an answer and is not followed", async () => {
  await using server = new WebhookServer(({ path }) =>
    path === "/login" ? Response.redirect("http://localhost:1/other", 307) : json({})
  );
  using client = newClient({ url: server.url });
  const { status, body } = await client.post("{}", never);
  assert.deepEqual([status, body.length, server.asked.length], [307, 0, 1]);
});

Deno.test("an answer that is too long, or never ends, is left", async () => {
  const right = new Uint8Array(MAXIMUM_ANSWER_BYTES);
  const endless = () =>
    new ReadableStream({ pull: (controller) => controller.enqueue(new Uint8Array(10_000)) });
  await using server = new WebhookServer(({ body }) =>
    new Response(body === "right" ? right : endless())
  );
  using client = newClient({ url: server.url });
  assert.equal((await client.post("right", never)).body.length, MAXIMUM_ANSWER_BYTES);
  await assert.rejects(client.post("endless", never), {
    name: "WebhookError",
    message: `its answer has more than ${MAXIMUM_ANSWER_BYTES} bytes`,
  });
});

Deno.test("https works with a trusted certificate, and fails without", async () => {
  const ca = await testCa();
  await using server = new WebhookServer(() => json({}), await testServer());
  using trusting = newClient({ url: server.url, caCertificates: [ca.certificate] });
  assert.equal((await trusting.post("{}", never)).status, 200);
  using client = newClient({ url: server.url });
  await assert.rejects(client.post("{}", never), (error: Error) => {
    assert.equal(error.name, "WebhookError");
    assert.match(error.message, /certificate/i);
    return true;
  });
  assert.equal(server.asked.length, 1);
});

Deno.test("the cause of a failure repeats neither query nor Authorization", async () => {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr as Deno.NetAddr;
  listener.close();
  using client = newClient({
    url: `http://127.0.0.1:${port}/login?token=s3cret`,
    authorization: "Bearer s3cret",
  });
  await assert.rejects(client.post('{"password":"s3cret"}', never), (error: Error) => {
    assert.equal(error.name, "WebhookError");
    assert.match(error.message, /refused/i);
    assert.doesNotMatch(error.message, /s3cret/);
    return true;
  });
});

Deno.test("the signal ends waiting, with its reason", async () => {
  const asked = Promise.withResolvers<void>();
  const end = Promise.withResolvers<Response>();
  await using server = new WebhookServer(() => {
    asked.resolve();
    return end.promise;
  });
  using client = newClient({ url: server.url });
  const controller = new AbortController();
  const answer = client.post("{}", controller.signal);
  await asked.promise;
  controller.abort(new Error("too late"));
  await assert.rejects(answer, { message: "too late" });
  end.resolve(json({}));
});

Deno.test("settings that cannot be used are said without repeating them", () => {
  const url = "Cannot use the URL of the webhook: ";
  const start = `${url}it does not start with http or https`;
  const header = "Cannot use the authorization of the webhook: it is empty, or contains what no " +
    "header may";
  const cases: [string, string | undefined, string][] = [
    ["s3cret", undefined, start],
    ["", undefined, start],
    ["ftp://s3cret/", undefined, start],
    [
      "http://ann:s3cret@localhost/",
      undefined,
      `${url}it contains a password, which belongs into authorization`,
    ],
    ["http://localhost/", "Bearer s3cret\n", header],
    ["http://localhost/", "s3cr\u00e9t", header],
    ["http://localhost/", "", header],
  ];
  for (const [text, authorization, message] of cases) {
    assert.throws(() => new WebhookClient({ url: text, authorization }), {
      name: "WebhookError",
      message,
    });
  }
});
